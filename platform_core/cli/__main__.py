"""``python -m platform_core.cli``: the command line where its script is not on the path."""

from platform_core.cli.entry import main

main()

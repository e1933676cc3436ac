"""The command line. Imports nothing heavy: libraries are imported by the commands that use them."""

from platform_core.cli.entry import main

__all__ = ["main"]

"""Where the text templates are, in a checkout and in an installed wheel, and how they are filled in."""

from __future__ import annotations

from pathlib import Path

import jinja2

_PACKAGE = Path(__file__).parent


def templates_root() -> Path:
    """Return the folder of templates: packed into the wheel, else ``templates/`` of the checkout."""
    packed = _PACKAGE / "_templates"
    return packed if packed.is_dir() else _PACKAGE.parent / "templates"


def text_environment(folder: Path) -> jinja2.Environment:
    """Return an environment for text files in ``folder``; a name that is not given is an error, not a blank."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - source code and Markdown, not HTML
    )

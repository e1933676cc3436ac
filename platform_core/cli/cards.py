"""Model cards on a terminal: Markdown as people read it, without HTML, and with the pictures where they lie."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platform_core.cli.door import Door

CARD = "card.md"

_SUMMARY = re.compile(r"^<details><summary>(.*?)</summary>$", re.MULTILINE)
_CLOSING = re.compile(r"^</details>$\n?", re.MULTILINE)
_PICTURE = re.compile(r"^!\[(.*?)\]\((.*?)\)$", re.MULTILINE)


def show_card(door: Door, folder: Path) -> None:
    """Show people the card in ``folder``, if there is one, and say where its file and its pictures are."""
    card = folder / CARD
    if door.json_output or not card.is_file():
        return
    from rich.markdown import Markdown

    door.console.print(Markdown(without_html(card.read_text(encoding="utf-8"))))
    door.say("", f"This card: {card}")
    if _PICTURE.search(card.read_text(encoding="utf-8")):
        door.say(f"Its pictures are in {folder}")


def without_html(card: str) -> str:
    """Return a card with headings in place of its HTML, and the names of the files in place of pictures."""
    told = _SUMMARY.sub(r"### \1", card)
    return _PICTURE.sub(r"*\1: \2*", _CLOSING.sub("", told))

"""Model cards as people read them on a terminal."""

from __future__ import annotations

from pathlib import Path

from platform_core.cli.cards import show_card, without_html
from platform_core.cli.door import Door

CARD = """# News

Scored by cross\\_entropy.

![Confusion matrix: true classes](confusion_matrix.png)

<details><summary>Recipe</summary>

| setting | value |
| --- | --- |
| `epochs` | 2 |

</details>

## Again
"""


def test_html_becomes_headings_and_pictures_their_files():
    told = without_html(CARD)
    assert "<" not in told
    assert "### Recipe" in told
    assert "*Confusion matrix: true classes: confusion_matrix.png*" in told


def test_a_card_is_rendered_and_says_where_its_pictures_are(tmp_path: Path, capsys):
    (tmp_path / "card.md").write_text(CARD)
    show_card(Door(), tmp_path)
    out = capsys.readouterr().out
    assert "cross_entropy" in out
    assert not any(mark in out for mark in ("<details>", "\\_", "![", "| ---"))
    assert f"Its pictures are in {tmp_path}" in out.replace("\n", "")


def test_programs_and_models_without_a_card_are_shown_none(tmp_path: Path, capsys):
    show_card(Door(), tmp_path)
    (tmp_path / "card.md").write_text(CARD)
    show_card(Door(json_output=True), tmp_path)
    assert capsys.readouterr().out == ""

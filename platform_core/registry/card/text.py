"""Rendering a model card as Markdown: every value is escaped unless a filter says that it is Markdown already."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from platform_core.registry.card import words
from platform_core.registry.card.baselines import baseline_of
from platform_core.registry.card.command import command_of
from platform_core.registry.card.model import ModelCard
from platform_core.registry.card.numbers import duration, number, round_share, share, size
from platform_core.registry.card.settings import settings_of


class Markdown(str):
    """Text that is Markdown already, and goes into the card as it is."""

    __slots__ = ()


def render(card: ModelCard) -> str:
    """Return the card as Markdown, for people; file names of pictures are relative to the card."""
    text = (
        markdown_environment("platform_core.registry.card")
        .get_template("card.md.j2")
        .render(
            card=card, words=words, settings=settings_of(card), baseline=baseline_of(card), command=command_of(card)
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def save_card(card: ModelCard, folder: Path) -> None:
    """Write ``card.json`` and ``card.md`` into an existing folder."""
    (folder / "card.json").write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(render(card), encoding="utf-8")


def escape(value: object) -> Markdown:
    """Return ``value`` as Markdown that shows it literally, on one line, also in a table."""
    text = re.sub(r"([\\`*_{}\[\]<>#|~&$!])", r"\\\1", re.sub(r"\s+", " ", str(value)))
    text = re.sub(r"^([-+=])(?!\d)", r"\\\1", text)
    return Markdown(re.sub(r"^(\d+)([.)])(?= |$)", r"\1\\\2", text))


def code(value: object) -> Markdown:
    """Return ``value`` as a code span, safe in a table."""
    text = " ".join(str(value).split()).replace("|", "\\|")
    fence = "`" * (_longest_run_of_backticks(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return Markdown(f"{fence}{padding}{text}{padding}{fence}")


def block(value: str) -> Markdown:
    """Return ``value`` as a block of shell code."""
    fence = "`" * max(3, _longest_run_of_backticks(value) + 1)
    return Markdown(f"{fence}sh\n{value}\n{fence}")


def plain(value: Any) -> str:
    """Return a JSON value in words: lists with commas, mappings as ``key: value``, those inside in brackets."""
    if isinstance(value, dict):
        return "; ".join(
            f"{key} ({plain(item).replace('; ', ', ')})" if isinstance(item, dict) else f"{key}: {plain(item)}"
            for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "unset" if value is None else str(value)


@cache
def markdown_environment(package: str) -> Environment:
    """Return what renders the templates of ``package`` to Markdown; what is printed is escaped."""
    environment = Environment(
        autoescape=False,  # noqa: S701 - it is no HTML; `finalize` escapes
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=PackageLoader(package),
        finalize=lambda value: value if isinstance(value, Markdown) else escape(value),
    )
    environment.filters |= {
        "block": block,
        "code": code,
        "duration": duration,
        "gap": words.gap,
        "interval": words.interval,
        "markdown": Markdown,
        "meaning": words.meaning_of,
        "measure": words.measure,
        "number": number,
        "plain": plain,
        "round_share": round_share,
        "share": share,
        "size": size,
        "thousands": lambda count: f"{count:,}",
        "title_of": words.title_of,
    }
    return environment


def _longest_run_of_backticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)

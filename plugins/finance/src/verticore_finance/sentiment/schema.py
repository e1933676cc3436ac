"""The input of the solution."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from platform_core.sdk import Example, NonBlank, Text

LABELS = ("negative", "neutral", "positive")
"""The labels of the Financial PhraseBank, in the order in which people expect them."""

_ALIASES = ("sentence", "headline", "title", "news", "tweet", "content", "body", "statement", "phrase", "message")


class SentimentExample(Example):
    """A sentence of financial news, a company report or a headline."""

    text: Annotated[
        NonBlank,
        Text(aliases=_ALIASES, title="Sentence"),
        Field(description="One sentence or headline, in English.", examples=["Operating profit rose to EUR 13.1 mn."]),
    ]

"""Requests that were served, made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from platform_core.db.ids import new_id
from platform_core.sdk import Example, Identity, Text
from platform_core.serving.served import Served


class Note(Example):
    """A text about somebody."""

    text: Annotated[str, Text()]
    patient: Annotated[str | None, Identity()] = None


@pytest.fixture
def serve() -> Callable[..., Served]:
    """Return a function that makes a request with the given texts."""

    def make(*texts: str, patient: str | None = None, **facts: Any) -> Served:
        known: dict[str, Any] = {
            "id": new_id("prd"),
            "tenant": "local",
            "model": "notes",
            "version": 1,
            "version_id": "ver_1",
            "solution": "acme.notes",
            "reference": "notes@champion",
            "role": "stable",
            "code": None,
            "seconds": 0.01,
            "examples": [Note(text=text, patient=patient) for text in texts],
            "predictions": [{"label": text.upper(), "scores": {text.upper(): 0.75}} for text in texts],
            "at": datetime.now(UTC),
        }
        return Served(**(known | facts))

    return make

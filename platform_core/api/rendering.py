"""Writing answers as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response
from fastapi.encoders import jsonable_encoder

MEDIA_TYPE = "application/json"


def render(content: Any) -> bytes:
    """Return ``content`` as JSON; what JSON has no number for becomes null.

    Facts that heads of plugins add to predictions may be of any type that pydantic knows.
    """
    return orjson.dumps(content, default=jsonable_encoder, option=orjson.OPT_SERIALIZE_NUMPY)


def answer(content: Any) -> Response:
    """Return ``content`` as a response."""
    return Response(render(content), media_type=MEDIA_TYPE)

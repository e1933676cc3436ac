"""Reviews: what rules say of an example, beside the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something that people should see next to an answer.

    Attributes:
        code: stable across releases, e.g. ``red-flag.shock``.
        text: one sentence, with the values that it rests on.
        field: the field that it is about, where it is about one.
        at_least: of levels in an order, the label of the mildest one that may be the answer; the model can say a more
            severe one, never a milder one.
    """

    code: str
    text: str
    field: str | None = None
    at_least: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the remark as JSON types, without the parts that are not set."""
        parts = {"code": self.code, "text": self.text, "field": self.field, "at_least": self.at_least}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Review:
    """What rules say of one example.

    Attributes:
        remarks: stand in the prediction under ``remarks``.
        facts: further entries of the prediction, as JSON types, e.g. ``{"topic": "orders"}``; always the same names.
        abstain: the example does not hold enough for any answer: a person decides, whatever the model says.
    """

    remarks: Sequence[Remark] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    abstain: bool = False

"""What serving tells those who watch: one record for each request that reached a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from platform_core.sdk import Example

Role = Literal["stable", "canary", "shadow"]
"""Why a version was asked: it is what the reference means, it is tried on a part, or it is compared in silence."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """One request that a version answered, or failed to.

    Attributes:
        id: of the request; feedback names it.
        tenant: whose model it is.
        model, version, version_id: who was asked.
        solution: id of its solution.
        reference: what the caller wrote.
        role: see :data:`Role`.
        code: the stable code of the error; ``None``: it was answered.
        seconds: from the request to the answer.
        examples: the finished examples, identities and personal data masked; none where they were not valid.
        predictions: one for each example; none after an error.
        at: when it ended, UTC.
    """

    id: str
    tenant: str
    model: str
    version: int
    version_id: str
    solution: str
    reference: str
    role: Role
    code: str | None
    seconds: float
    examples: Sequence[Example] = ()
    predictions: Sequence[Mapping[str, Any]] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


Observer = Callable[[Served], object]
"""Is told of each request, on the event loop: it returns at once, and does not raise."""

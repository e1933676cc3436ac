"""Which version answers a request: plain data and pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import Any, Literal, Self

from platform_core.registry.schemas import VersionInfo
from platform_core.sdk.errors import (
    DeadlineExceeded,
    IntegrityError,
    MemoryFull,
    ModelFailed,
    PluginError,
    UnsafeArtifact,
    UsageError,
    VerticoreError,
)
from platform_core.serving.answers import answer_of
from platform_core.serving.served import Role

ArmRole = Literal["canary", "shadow"]
Answers = tuple[str | float, ...]
"""What predictions say, see :func:`platform_core.serving.answers.answer_of`; numbers are floats."""

_FAULTS = (ModelFailed, DeadlineExceeded, MemoryFull, PluginError, IntegrityError, UnsafeArtifact)
"""Errors that a version is to blame for. A full queue and a wrong request are not among them."""


@dataclass(frozen=True)
class Limits:
    """What a version on trial may do; ``None``: it is not judged by that.

    Attributes:
        errors: by how much its share of failed requests may be above the stable version's, 0 to 1.
        latency: how many times the stable version's 95th percentile of seconds its own may be; of canaries.
        disagreement: of a shadow, the share of answers that may differ from the stable version's; of a canary, how far
            the distribution of its labels may be from the stable version's (total variation distance); 0 to 1.
    """

    errors: float | None = 0.02
    latency: float | None = 2.0
    disagreement: float | None = 0.25

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read limits by name; those that are left out have their defaults.

        Raises:
            UsageError: a limit is unknown, or its value is none that it can have.
        """
        known = [field.name for field in fields(cls)]
        for name, value in values.items():
            if name not in known:
                raise UsageError(f"there is no limit {name!r}", where="limits", hint=f"known: {', '.join(known)}")
            if value is not None and not _is_possible(name, value):
                span = "a number of 1 or more" if name == "latency" else "a number from 0 to 0.9"
                raise UsageError(f"the limit {name} is {value!r}", where="limits", hint=f"give {span}, or none")
        return cls(**values)

    def to_dict(self) -> dict[str, float | None]:
        """Return them as JSON types."""
        return asdict(self)


def _is_possible(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 1 <= value <= 1000 if name == "latency" else 0 <= value <= 0.9


@dataclass(frozen=True)
class Arm:
    """A version on trial.

    Attributes:
        id: of the trial.
        role: how it is tried.
        version: what is tried.
        percent: of a canary, the share of requests that it answers, 0 to 100.
        keys: of a canary, the callers whose requests it always answers.
        limits: what ends it.
    """

    id: str
    role: ArmRole
    version: VersionInfo
    percent: float
    keys: frozenset[str]
    limits: Limits


@dataclass(frozen=True)
class Route:
    """What a reference means: the stable version, and what is tried beside it.

    Attributes:
        stable: the version that the reference means.
    """

    stable: VersionInfo
    canary: Arm | None = None
    shadow: Arm | None = None


@dataclass(frozen=True)
class Choice:
    """Who answers one request.

    Attributes:
        version: who answers.
        role: why.
        shadow: who is asked the same, to be compared.
        arms: the trials that this request counts for.
        sampled: whether chance chose; callers whose keys a canary names are not like the others.
        fallback: who answers where a canary fails.
    """

    version: VersionInfo
    role: Role
    shadow: VersionInfo | None = None
    arms: tuple[Arm, ...] = ()
    sampled: bool = True
    fallback: VersionInfo | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one request to one version.

    Attributes:
        failed: whether the version failed to answer.
        seconds: from the request to the answer.
        answers: what it said, one for each example; none where it failed.
    """

    failed: bool
    seconds: float
    answers: Answers = ()

    @classmethod
    def of(
        cls, seconds: float, predictions: Sequence[Mapping[str, Any]] = (), error: Exception | None = None
    ) -> Self | None:
        """Return what counts for the version, or ``None`` where the version is not to blame for ``error``."""
        if error is not None:
            return cls(True, seconds) if is_fault(error) else None
        return cls(False, seconds, answers_of(predictions))


def answers_of(predictions: Sequence[Mapping[str, Any]]) -> Answers:
    """Return what predictions say."""
    return tuple(map(answer_of, predictions))


def is_fault(error: Exception) -> bool:
    """Tell whether a version is to blame: its networks fail, it answers too late, or its files or plugin are bad."""
    return isinstance(error, _FAULTS) or not isinstance(error, VerticoreError)


def choose(route: Route, key: str | None, draw: float) -> Choice:
    """Return who answers a request.

    The same key is answered by the same version as long as the canary's version and percentage stay; a greater
    percentage only adds keys.

    Args:
        route: what the reference means.
        key: of the caller, where there is one.
        draw: a random number from 0 to 1, for requests without a key.
    """
    canary, shadow = route.canary, route.shadow
    if canary is not None:
        named = key is not None and key in canary.keys
        place = draw if key is None else place_of(key, canary.version.id)
        if named or place * 100 < canary.percent:
            return Choice(canary.version, "canary", None, (canary,), not named, route.stable)
    arms = tuple(arm for arm in (canary, shadow) if arm is not None)
    asked = shadow.version if shadow is not None else None
    return Choice(route.stable, "stable", asked, arms)


def place_of(key: str, salt: str) -> float:
    """Return where a key stands between 0 and 1: evenly spread, the same in every process, another for each salt."""
    digest = blake2b(f"{salt}\0{key}".encode(errors="backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64

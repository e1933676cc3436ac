"""From feedback to the data that a model learns from next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.service import Datasets
from platform_core.monitoring.feedback.service import Feedback
from platform_core.registry.service import Registry
from platform_core.sdk import EmptyData, NotFound


@dataclass(frozen=True, kw_only=True)
class FromFeedback:
    """A dataset version that feedback was added to.

    Attributes:
        model, solution: what the feedback is on.
        dataset: reference of the version; that of ``parent`` where there was nothing new.
        parent: the version that it goes on from.
        read: how many examples the feedback spoke of.
        added: new rows by split; the test split never grows.
        corrected: rows of the parent that got another target.
        known: examples that were there already, with the same target.
        in_test: examples that were left out since the test split has their like.
        in_test_groups: those that were left out since the test split has others of their group.
        rows: by split, of the whole version.
        warnings: what people should know about the data.
    """

    model: str
    solution: str
    dataset: str
    parent: str
    read: int
    added: Mapping[str, int]
    corrected: int
    known: int
    in_test: int
    in_test_groups: int
    rows: Mapping[str, int]
    warnings: list[str]

    @property
    def is_new(self) -> bool:
        """Whether a version was made."""
        return self.dataset != self.parent

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"new": self.is_new}


def learn_from_feedback(
    feedback: Feedback, registry: Registry, datasets: Datasets, reference: str, since: datetime | None
) -> FromFeedback:
    """Make the next version of the dataset that a model was trained on, with what people said since.

    It goes on from the newest version that was made so; whatever had a split keeps it.

    Args:
        feedback: what people said.
        registry: the tenant's models.
        datasets: the tenant's datasets.
        reference: the model: ``name``, ``name:3`` or ``name@alias``.
        since: only what was said from then on.

    Raises:
        NotFound: there is no such model, or its dataset is gone.
        EmptyData: nothing was said.
        Conflict: a person was erased meanwhile.
    """
    version = registry.resolve_endpoint(reference)
    rows = feedback.rows(version.model, since)
    if not rows:
        when = f" since {since.isoformat()}" if since else ""
        hint = f"give some: POST /api/v1/models/{version.model}/feedback, or verticore feedback add {version.model}"
        raise EmptyData(f"there is no feedback on {version.model}{when}", hint=hint)
    if version.dataset_version_id is None:
        raise NotFound(f"it is not known which dataset {version.ref} was trained on", hint="name a version that was")
    parent = datasets.newest_successor(datasets.resolve(version.dataset_version_id))
    told = {"feedback": {"model": version.model, "since": since.isoformat() if since else None}}
    info, found = datasets.extend(parent, rows, told)
    return FromFeedback(
        model=version.model,
        solution=version.solution,
        dataset=info.ref,
        parent=parent.ref,
        read=len(rows),
        added=found.added,
        corrected=found.corrected,
        known=found.known,
        in_test=found.in_test,
        in_test_groups=found.in_test_groups,
        rows=info.splits,
        warnings=_warnings(info, parent),
    )


def _warnings(info: DatasetInfo, parent: DatasetInfo) -> list[str]:
    """Return what is new of the warnings of a version."""
    new = [warning for warning in info.warnings if warning not in parent.warnings]
    if info.splits.get("test"):
        return new
    return [*new, f"{info.ref} has no test split: a gate finds nothing that neither model has seen"]

"""A version and its export on the same examples: do they give the same answers?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.requests import finish_requests
from platform_core.datasets.service import Datasets
from platform_core.finetune.overlap import learned_from
from platform_core.finetune.parity import Parity
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Example, IntegrityError, Solution, UsageError

MOST_DIFFERENCE = 1e-3
"""Most that a score may change in fp32: of probabilities, or of numbers in standard deviations of the target."""

FEW = 200
"""Examples that suffice to find a graph that computes something else."""

TYPICAL = 64
"""Examples that suffice to find loud columns."""


@dataclass(frozen=True)
class Trial:
    """Examples that both answer.

    Attributes:
        split: ``test``, else ``validation`` of the dataset version; ``none`` where there is neither that was held out.
        labelled: the examples of the split.
        examples: the inputs; without any of the data, the solution's sample requests.
    """

    split: str
    labelled: Sequence[LabeledExample]
    examples: Sequence[Example]


def gather_trial(datasets: Datasets, version: VersionInfo, solution: Solution) -> Trial:
    """Collect the held-out examples of the data that ``version`` learned from.

    Raises:
        UsageError: there are none, and the solution has no sample requests.
    """
    dataset = learned_from(datasets, version)
    for split in ("test", "validation"):
        labelled = datasets.load(dataset, [split]) if dataset is not None else []
        examples = [row.example for row in labelled]
        if labelled and split == "validation" and version.lineage.get("evaluated_on") == "out_of_fold":
            return Trial("none", [], examples)  # in folds, this split was learned from: metrics on it would flatter
        if labelled:
            return Trial(split, labelled, examples)
    samples = finish_requests(datasets.finisher(solution.id), solution.sample.requests)
    if not samples:
        raise UsageError(
            f"there is no example to compare {version.ref} and its export on",
            hint="its dataset is gone or held nothing out, and the solution has no sample requests",
        )
    return Trial("none", [], samples)


def typical_examples(datasets: Datasets, version: VersionInfo, trial: Trial) -> Sequence[Example]:
    """Return inputs from which an export may learn: of the training split, where the trial has a split of the data."""
    dataset = learned_from(datasets, version) if trial.labelled else None
    seen = datasets.load(dataset, ["train"])[:TYPICAL] if dataset is not None else []
    return [row.example for row in seen] or trial.examples[:TYPICAL]


def require_parity(parity: Parity, version: VersionInfo) -> None:
    """Refuse a graph in fp32 that computes something else.

    Raises:
        IntegrityError: a score differs by more than :data:`MOST_DIFFERENCE`.
    """
    if not parity.largest_difference <= MOST_DIFFERENCE:  # NaN is no parity either
        raise IntegrityError(
            f"the graph does not compute what {version.ref} does: scores differ by up to "
            f"{parity.largest_difference:.2g} on {parity.examples} examples",
            where=version.solution,
            hint="nothing was registered; a head must compute its scores from its outputs alone, by torch operations",
            details={"largest_difference": parity.largest_difference, "examples": parity.examples},
        )

"""A dataset version with further rows: whatever had a split keeps it, and the test split stays as it is.

A row that says what a test row says, exactly or nearly, or that belongs to a group of which the test has rows, is left
out. One whose input is known already teaches nothing new, unless its target differs: then it corrects that of the known
row. All others go where their like are; those without any are cut by the version's own rule, between training and
validation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from platform_core.datasets.aligning import align
from platform_core.datasets.duplicates import cluster
from platform_core.datasets.likeness import count_conflicts, count_linked, duplicates_of, group_links
from platform_core.datasets.moments import moments_of
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import SPLITS, Ratio, assign
from platform_core.datasets.targets import strata_of

_FROZEN, _FREE = "test", "free"


@dataclass(frozen=True)
class Rule:
    """How a version was split.

    Attributes:
        ratio: of its splits.
        seed: of the shuffle.
        by_time: whether the earliest rows train.
    """

    ratio: Ratio
    seed: int
    by_time: bool


@dataclass(frozen=True)
class Extension:
    """What became of further rows.

    Attributes:
        examples: all rows of the new version, the old ones first.
        duplicates: as statistics tell them.
        added: new rows by split.
        corrected: old rows that got another target.
        known: rows that were there already, with the same target.
        in_test: rows that were left out since the test has their like.
        in_test_groups: rows that were left out since the test has others of their group.
    """

    examples: list[LabeledExample]
    duplicates: dict[str, int]
    added: dict[str, int]
    corrected: int
    known: int
    in_test: int
    in_test_groups: int

    @property
    def changes(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.corrected or sum(self.added.values()))


def extend(old: Sequence[LabeledExample], further: Sequence[LabeledExample], rule: Rule) -> Extension:
    """Return the rows of a version with ``further`` ones.

    Args:
        old: all rows of the version; at least one.
        further: labelled rows, the oldest first: of equal inputs the last one counts.
        rule: how the version was split.
    """
    latest = list({row.example.content_hash(): row for row in align(further, old)}.values())
    rows = [*old, *latest]
    alike = duplicates_of(rows)
    links = [*alike.exact, *alike.near]
    copies, related = cluster(len(rows), links), cluster(len(rows), [*links, *group_links(rows)])
    known = _places([row.example.content_hash() for row in old])
    splits_of_copies, splits_of_related = _splits_of(copies, old), _splits_of(related, old)
    corrections: dict[int, LabeledExample] = {}
    fates: dict[int, str] = {}
    for index, row in enumerate(latest, start=len(old)):
        same = known.get(row.example.content_hash(), [])
        differing = [place for place in same if old[place].target != row.target]
        fate = _fate(same, differing, splits_of_copies[copies[index]], splits_of_related[related[index]])
        if fate == "corrected":
            corrections |= {place: replace(old[place], target=row.target) for place in differing}
        fates[index] = fate
    free = [index for index, fate in fates.items() if fate == _FREE]
    fates |= _assigned([rows[index] for index in free], [related[index] for index in free], free, rule)
    examples = [corrections.get(place, row) for place, row in enumerate(old)]
    examples += [replace(rows[index], split=fate) for index, fate in fates.items() if fate in SPLITS]
    counts = Counter(fates.values())
    return Extension(
        examples=examples,
        duplicates=_duplicates(examples, left_out=counts["in_test"]),
        added={split: counts[split] for split in SPLITS if counts[split]},
        corrected=counts["corrected"],
        known=counts["known"],
        in_test=counts["in_test"],
        in_test_groups=counts["in_test_groups"],
    )


def _fate(same: Sequence[int], differing: Sequence[int], of_copies: Set[str], of_related: Set[str]) -> str:
    """Return what becomes of a further row: a split, ``free`` to go to any, or why it is not added.

    Args:
        same: the old rows of the same input.
        differing: those of them with another target.
        of_copies: splits of the old rows that say the same, or nearly.
        of_related: and of those of its group.
    """
    if _FROZEN in of_copies:
        return "in_test"
    if same:
        return "corrected" if differing else "known"
    if _FROZEN in of_related:
        return "in_test_groups"
    if of_related:
        return "validation" if "validation" in of_related else "train"
    return _FREE


def _duplicates(examples: Sequence[LabeledExample], *, left_out: int) -> dict[str, int]:
    found = duplicates_of(examples)
    return {
        "exact": len(found.exact),
        "near": count_linked(found.near),
        "conflicts": count_conflicts(examples),
        "left_out": left_out,
    }


def _assigned(
    rows: Sequence[LabeledExample], clusters: Sequence[int], places: Sequence[int], rule: Rule
) -> dict[int, str]:
    """Return the splits of rows that nothing ties to a split, by their place."""
    if not rows:
        return {}
    splits = assign(
        clusters,
        strata_of([row.target for row in rows]),
        rule.ratio.without(_FROZEN),
        seed=rule.seed,
        times=moments_of(rows, "time") if rule.by_time else None,
    )
    return dict(zip(places, splits, strict=True))


def _places(keys: Sequence[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        found[key].append(place)
    return found


def _splits_of(clusters: Sequence[int], old: Sequence[LabeledExample]) -> Mapping[int, set[str]]:
    """Return the splits of the old rows of each cluster."""
    found: dict[int, set[str]] = defaultdict(set)
    for number, row in zip(clusters, old, strict=False):
        found[number].add(row.split)
    return found

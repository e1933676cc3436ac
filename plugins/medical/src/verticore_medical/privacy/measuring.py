"""How much the masker finds of what it should, and of what it should not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verticore_medical.privacy.masker import find_all
from verticore_medical.privacy.notes import Note, Span


@dataclass(frozen=True)
class Measured:
    """Counts over some notes.

    Attributes:
        spans: how many there are, by kind.
        masked: how many of them are masked to the last letter and digit, as whatever kind, by kind.
        findings: what the masker finds.
        wrong: findings that touch no span.
    """

    spans: Mapping[str, int]
    masked: Mapping[str, int]
    findings: int
    wrong: int

    @property
    def recall(self) -> float:
        """Share of the spans that are masked to the last letter and digit."""
        return sum(self.masked.values()) / sum(self.spans.values())

    @property
    def precision(self) -> float:
        """Share of the findings that touch a span."""
        return 1.0 - self.wrong / self.findings


def measure(notes: Sequence[Note]) -> Measured:
    """Apply the rules once to each of the ``notes``."""
    spans: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    findings = wrong = 0
    for note in notes:
        found = find_all(note.text)
        covered = {at for finding in found for at in range(finding.start, finding.end)}
        meant = {at for span in note.spans for at in range(span.start, span.end)}
        findings += len(found)
        wrong += sum(meant.isdisjoint(range(finding.start, finding.end)) for finding in found)
        for span in note.spans:
            spans[span.kind] += 1
            masked[span.kind] += _is_covered(note.text, span, covered)
    return Measured(spans, masked, findings, wrong)


def _is_covered(text: str, span: Span, covered: set[int]) -> bool:
    return all(at in covered for at in range(span.start, span.end) if text[at].isalnum())

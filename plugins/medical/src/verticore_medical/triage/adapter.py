"""Data of triage: labels that are no level of the scale in use are found before anything is learned from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from platform_core.sdk import BadRecord, ColumnMapping, RawTable, Record, Solution, Source
from platform_core.sdk.adapters import FormatAdapter, TableAdapter
from platform_core.sdk.names import simple_name
from verticore_medical.adapters.fhir import FhirAdapter
from verticore_medical.triage.columns import KNOWN_LATER
from verticore_medical.triage.levels import level_of, merged_names

_NO_LABEL = frozenset(("", "?", "??", "na", "n/a", "nan", "null", "none", "unknown", "missing", "not triaged"))
_HINT = (
    "levels are 1 to 5, 1 being the most urgent, the names and colours of ESI, KTAS, CTAS, ATS and the MTS, "
    "or the codes S, EM, A, UR, R, EL of FHIR's Encounter.priority"
)


class _Levels(FormatAdapter):
    """Refuses labels that are no level of urgency. A scale of one's own is read as it is.

    Attributes:
        known_share: labels are checked where more than this share of them is known.
    """

    known_share = 0.5

    def read(self, source: Source, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
        """Yield the rows; one whose label is no level, where those of others are, is bad.

        Raises:
            DataError: a file is damaged, or lacks a mapped column, or two names of labels may be one level or two.
        """
        rows = list(super().read(source, mapping))
        if "label" not in mapping.columns:
            yield from rows
            return
        labels = {_label_of(row) for row in rows if isinstance(row, Record)} - {None}
        known = sum(level_of(label) is not None for label in labels if label)
        is_known_scale = known > self.known_share * len(labels)
        merged = merged_names([label for label in labels if label], is_known_scale=is_known_scale)
        for row in rows:
            yield _checked(row, mapping, is_known_scale, merged) if isinstance(row, Record) else row


class TriageFhir(_Levels, FhirAdapter):
    """Reads Encounters, with the level of triage that was observed or the priority."""

    known_share = 0.0


class TriageTable(_Levels, TableAdapter):
    """Reads CSV, TSV, JSON Lines and Parquet of patients at arrival, with the level that they were given."""

    description = (
        "CSV, TSV, JSONL or Parquet, a row per arrival: complaint, vital signs and the level that was given, "
        "e.g. chest pain,61,104,108,22,36.6,95,2"
    )

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        """Guess by name, then by content; a column that is known only later feeds nothing but the label."""
        later = {simple_name(name) for name in KNOWN_LATER}
        proposed = super().propose(table, solution).columns
        kept = {n: column for n, column in proposed.items() if n == "label" or simple_name(column) not in later}
        return ColumnMapping(kept)


def _label_of(record: Record) -> str | None:
    value = record.values.get("label")
    text = "" if value is None else str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return None if text.strip().casefold() in _NO_LABEL else text.strip()


def _checked(
    record: Record, mapping: ColumnMapping, is_known_scale: bool, merged: Mapping[str, str]
) -> Record | BadRecord:
    label = _label_of(record)
    if label is not None and is_known_scale and level_of(label) is None:
        return BadRecord(record.place, f"{label!r} is no level of urgency", column=mapping.columns["label"], hint=_HINT)
    return replace(record, values={**record.values, "label": merged.get(label or "", label)})

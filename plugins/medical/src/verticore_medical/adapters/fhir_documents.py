"""FHIR R4: one row per document, for solutions that read texts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from platform_core.sdk import Source
from platform_core.sdk.adapters import RawRow, TableFile
from verticore_medical.adapters.fhir_files import Entry, FhirFormat, read_entries
from verticore_medical.adapters.fhir_values import Wrong, list_of, moment_of, reference_of, words_of

COLUMNS = ("document_id", "text", "patient", "date", "label")
_TYPES = ("DocumentReference", "DiagnosticReport")
_TAG = re.compile(r"<[^>]{0,2000}>")
_VOID = ("entered-in-error", "cancelled")


class FhirDocumentsAdapter(FhirFormat):
    """Reads DocumentReference and DiagnosticReport, entry by entry, from Bundles (``.json``) and ``.ndjson``.

    The text is the plain-text attachment, else the conclusion, else the narrative; the label is the practice setting
    of a DocumentReference, else the first category. References to patients are not followed.
    """

    name = "fhir-documents"
    description = (
        "FHIR R4 Bundles (.json) or resources per line (.ndjson), a row per DocumentReference or DiagnosticReport: "
        '{"resourceType": "DiagnosticReport", "id": "r1", "category": […], "conclusion": "…"}'
    )

    def tables(self, source: Source) -> Iterator[TableFile]:
        """Open the files; a document that is damaged, twice there or without a text has a problem."""
        seen: dict[str, str] = {}
        for file in self.files(source):
            shown = source.name_of(file)
            yield TableFile(shown, COLUMNS, _rows(read_entries(file, shown), seen))


def _rows(entries: Iterator[Entry], seen: dict[str, str]) -> Iterator[RawRow]:
    for entry in entries:
        if entry.problem:
            yield RawRow(entry.row, {}, entry.problem, hint=entry.hint)
        elif entry.resource["resourceType"] in _TYPES and entry.resource.get("status") not in _VOID:
            yield _row(entry, seen)


def _row(entry: Entry, seen: dict[str, str]) -> RawRow:
    key = f"{entry.resource['resourceType']}/{entry.resource['id']}"
    if key in seen:
        return RawRow(entry.row, {}, f"{entry.shown}: {key} is there twice, first at {seen[key]}")
    seen[key] = f"{entry.file}, {entry.shown}"
    try:
        return RawRow(entry.row, _values(entry.resource))
    except Wrong as wrong:
        return RawRow(entry.row, {}, f"{entry.shown}: {key}: {wrong}")


def _values(resource: Mapping[str, Any]) -> dict[str, Any]:
    subject = reference_of(resource, "subject")
    context = resource.get("context")
    setting = words_of(context.get("practiceSetting")) if isinstance(context, dict) else None
    date = resource.get("date") or resource.get("effectiveDateTime") or resource.get("issued")
    return {
        "document_id": resource["id"],
        "text": _text(resource),
        "patient": subject.rsplit("/", 1)[-1] if subject else None,
        "date": moment_of(date, "date"),
        "label": setting or next(filter(None, map(words_of, _listed(resource, "category"))), None),
    }


def _text(resource: Mapping[str, Any]) -> str:
    """Return the text of a document.

    Raises:
        Wrong: it has none, or one that cannot be read.
    """
    attachments = [content.get("attachment") for content in _listed(resource, "content")]
    for attachment in (*attachments, *_listed(resource, "presentedForm")):
        if isinstance(attachment, dict) and str(attachment.get("contentType", "")).startswith("text/plain"):
            return _decoded(attachment.get("data"))
    narrative = resource.get("text")
    division = narrative.get("div") if isinstance(narrative, dict) else None
    for value in (resource.get("conclusion"), unescape(_TAG.sub(" ", division)) if isinstance(division, str) else None):
        if isinstance(value, str) and value.strip():
            return value.strip()
    raise Wrong("it has no plain text: no text/plain attachment, no conclusion, no narrative")


def _decoded(data: Any) -> str:
    if not isinstance(data, str):
        raise Wrong("the attachment has no data; only attachments inside the resource are read")
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Wrong("data of the attachment is not the Base64 of a UTF-8 text") from None


def _listed(resource: Mapping[str, Any], element: str) -> list[dict[str, Any]]:
    return [value for value in list_of(resource, element) if isinstance(value, dict)]

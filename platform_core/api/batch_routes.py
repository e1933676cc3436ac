"""Predicting on a file over HTTP: the road of ``verticore predict --input``, in turns beside the other requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from platform_core.api.bodies import Intake
from platform_core.api.parquet import check_unpacked, is_parquet
from platform_core.api.paths import PREFIX
from platform_core.api.rendering import render
from platform_core.api.routes import PlatformIn, Reference
from platform_core.api.schemas import BatchResponse
from platform_core.api.turns import Turns
from platform_core.api.uploads import SUFFIXES, receive_file, temporary_folder
from platform_core.platform import Platform
from platform_core.sdk import Progress, UsageError, VerticoreError

if TYPE_CHECKING:
    from platform_core.serving.files import PredictFileResult

batch = APIRouter(prefix=PREFIX, tags=["models"])

Format = Literal["json", "jsonl", "csv", "tsv", "parquet"]

MOST_EXPLAINED = 1_000
"""Rows of a file that are explained: each costs dozens of predictions."""

UNPACKED = 4
"""How many times the greatest file the texts of a Parquet file may be, which can be packed."""

MOST_NAMED = 100
"""Skipped rows that a header names."""

_MEDIA_TYPES: Mapping[str, str] = {suffix[1:]: kind for kind, suffix in SUFFIXES.items()} | {"json": "application/json"}
_PART = 256 * 1024
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_FORM: dict[str, Any] = {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": _FILE} for kind in SUFFIXES} | {"multipart/form-data": {"schema": _FORM}},
    }
}


@batch.post("/models/{model}/batch", response_model=BatchResponse, openapi_extra=_BODY)
async def predict_on_file(
    request: Request,
    platform: PlatformIn,
    model: Reference,
    format: Annotated[Format | None, Query(description="Of the answer; else by Accept, else `json`.")] = None,
    name: Annotated[str | None, Query(description="What the file is called; its end tells the format.")] = None,
    adapter: Annotated[str | None, Query(description="Reads the file; else that of the model.")] = None,
    map: Annotated[Sequence[str], Query(description="`field=column`, for fields that are called otherwise.")] = (),
    explain: Annotated[bool, Query(description="Whether each prediction says what moved it.")] = False,
    skip_bad: Annotated[bool, Query(description="Skip and list rows that cannot be used.")] = False,
) -> Response:
    """Predict on a file: CSV, TSV, JSON Lines or Parquet. Some run at a time, some wait, more are answered 503.

    The answer in `json` has the predictions, the rows that were skipped and warnings; in the other formats it is the
    file with the predictions appended, `Verticore-Skipped` telling how many rows were skipped, and
    `Verticore-Skipped-Rows` which.
    """
    wanted = format or _accepted(request.headers.get("accept", ""))
    options = {"adapter": adapter, "mapping": _mapping(map), "explain": explain, "skip_bad": skip_bad}
    turns: Turns = request.app.state.batches
    uploads: Intake = request.app.state.uploads
    turns.check()  # now and once the file is here: who sends slowly takes no turn from others
    with temporary_folder(platform.settings.home) as folder, uploads.body() as take:
        reference = (await run_in_threadpool(platform.registry.resolve_endpoint, model)).ref
        path = await receive_file(request, folder, platform.settings.max_batch_file_bytes, name, take)
        output = None if wanted == "json" else folder / "predictions" / f"{path.stem}.{wanted}"
        result = await turns.take(_predict, platform, reference, path, output, options)
        if output is None:
            facts = {"predictions": result.predictions, "skipped": result.skipped, "warnings": result.warnings}
            document = {"model": result.model, "version": result.version, "bad_rows": result.bad_rows} | facts
            return Response(await run_in_threadpool(render, document), media_type=_MEDIA_TYPES["json"])
        return _streamed(output, result, wanted)


def _predict(
    progress: Progress,
    platform: Platform,
    reference: str,
    path: Path,
    output: Path | None,
    options: dict[str, Any],
) -> PredictFileResult:
    try:
        if is_parquet(path):
            check_unpacked(path, UNPACKED * platform.settings.max_batch_file_bytes, progress)
        if output is not None:
            output.parent.mkdir()
        return platform.predict_file(
            reference, path, output=output, most_explained=MOST_EXPLAINED, progress=progress, **options
        )
    except VerticoreError as error:
        # Callers do not know our folders, and need not.
        error.message = _without(path.parent, error.message)
        error.where, error.hint = (part and _without(path.parent, part) for part in (error.where, error.hint))
        raise


def _without(folder: Path, text: str) -> str:
    return text.replace(f"{folder}/", "")


def _streamed(output: Path, result: PredictFileResult, format: str) -> Response:
    """Return a response with the file, whose folder may be removed meanwhile."""
    content = output.open("rb")
    rows = [str(row["row"]) for row in result.skipped]
    named = ",".join(rows[:MOST_NAMED]) + (",…" if len(rows) > MOST_NAMED else "")
    headers = {
        "Content-Length": str(output.stat().st_size),
        "Content-Disposition": f'attachment; filename="{output.name}"',
        "Verticore-Model": f"{result.model}:{result.version}",
        "Verticore-Skipped": str(result.bad_rows),
    }
    headers |= {"Verticore-Skipped-Rows": named.replace("…", "...")} if rows else {}
    return StreamingResponse(_parts(content), headers=headers, media_type=_MEDIA_TYPES[format])


def _parts(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while part := content.read(_PART):
            yield part


def _accepted(header: str) -> Format:
    by_kind = {kind: suffix[1:] for kind, suffix in SUFFIXES.items()}
    for entry in header.split(","):
        found = by_kind.get(entry.partition(";")[0].strip().lower())
        if found in get_args(Format):
            return found  # type: ignore[return-value]
    return "json"


def _mapping(pairs: Sequence[str]) -> dict[str, str] | None:
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or field in mapping:
            raise UsageError(f"{pair[:100]!r} maps no field", where="map", hint="write map=FIELD=COLUMN, once a field")
        mapping[field] = column
    return mapping or None

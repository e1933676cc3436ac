"""Receiving files: streamed to disk, bounded in size and time, under a name that means no place of ours."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from fastapi import Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartException, MultiPartParser

from platform_core.api.bodies import Intake, discard, too_large, too_slow
from platform_core.api.problems import WrongContentType, WrongForm

SUFFIXES: Mapping[str, str] = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
}
"""Content type → how a file's name ends."""

SLOWEST = 64 * 1024
"""Bytes a second: who sends less than that all the time is not waited for."""

STALE_SECONDS = 24 * 3600
_PART = 1024**2
_ODD = re.compile(r"[^\w.-]+", re.ASCII)


@contextmanager
def temporary_folder(home: Path) -> Iterator[Path]:
    """Yield a folder of the workspace that only this user can read; it is gone afterwards.

    What processes that were killed have left there for a day goes as well.
    """
    place = home / "cache" / "uploads"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.iterdir():
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


async def receive_file(
    request: Request, folder: Path, limit: int, name: str | None, take: Callable[[int], None]
) -> Path:
    """Write the file in the body of ``request`` to ``folder``.

    Args:
        request: its body is the file, or a form with the file as ``file``.
        folder: where the file goes.
        limit: most bytes.
        name: what the file is called; else as the form says, else by its content type.
        take: counts the bytes that come, see :meth:`.bodies.Intake.body`.

    Raises:
        WrongContentType: it does not say which format the file has.
        WrongForm: the form has no file.
        BodyTooLarge, BodyTooSlow, Overloaded: as for :func:`.bodies.read_json`.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        await discard(request)
        raise too_large(limit, "max_batch_file_bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    stream = _bounded(request, limit, take)
    if kind == "multipart/form-data":
        upload = await _file_of_form(request, stream)
        path = folder / _safe_name(name or upload.filename or "", upload.content_type or "")
        with path.open("wb") as target:
            await run_in_threadpool(shutil.copyfileobj, upload.file, target)
        await upload.close()
        return path
    path = folder / _safe_name(name or "", kind)
    with path.open("wb") as target:
        await _write(stream, target)
    return path


async def _bounded(request: Request, limit: int, take: Callable[[int], None]) -> AsyncIterator[bytes]:
    """Yield the body while it is neither too large nor too slow."""
    intake: Intake = request.app.state.uploads
    loop, received = asyncio.get_running_loop(), 0
    began = loop.time()
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout_at(began + intake.seconds + received / SLOWEST):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise too_slow(intake.seconds) from None
        if chunk is None:
            return
        take(len(chunk))
        received += len(chunk)
        if received > limit:
            await discard(request, stream)
            raise too_large(limit, "max_batch_file_bytes")
        yield chunk


async def _write(stream: AsyncIterator[bytes], target: IO[bytes]) -> None:
    part = bytearray()
    async for chunk in stream:
        part += chunk
        if len(part) >= _PART:
            await run_in_threadpool(target.write, bytes(part))
            part.clear()
    target.write(part)


async def _file_of_form(request: Request, stream: AsyncIterator[bytes]) -> UploadFile:
    try:
        form = await MultiPartParser(request.headers, stream, max_files=1, max_fields=10).parse()  # type: ignore[arg-type]
    except MultiPartException as error:
        raise WrongForm(error.message, hint="send the file as 'file' of a form, and nothing else") from None
    found = form.get("file")
    if found is None or isinstance(found, str):
        await form.close()
        raise WrongForm("the form has no file 'file'", where="file", hint="as curl does with -F file=@FILE")
    return found  # type: ignore[return-value]


def _safe_name(name: str, kind: str) -> str:
    """Return a name for a file in a folder of ours, which ends as its format does."""
    safe = _ODD.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")[-100:]
    if "." in safe.strip("."):
        return safe
    if kind not in SUFFIXES:
        raise WrongContentType(
            f"the content type {kind!r} tells no format of a file",
            where="Content-Type",
            hint=f"send {', '.join(SUFFIXES)}, or ?name=FILE.csv",
        )
    return (safe or "upload") + SUFFIXES[kind]

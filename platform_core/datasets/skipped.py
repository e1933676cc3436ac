"""The rows that were left out, beside the result that was made without them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platform_core.sdk import StorageFull


def list_skipped(rows: Sequence[Mapping[str, Any]], output: Path) -> Path | None:
    """Write skipped rows beside ``output``, one JSON object a line: ``scored.csv`` → ``scored.skipped.jsonl``.

    Without any, the list that an earlier call left there is removed: it would be taken for that of this output.

    Args:
        rows: file, row, column, message and hint of each.
        output: the file that was made without them.

    Returns:
        The file; ``None`` where no rows were skipped.

    Raises:
        StorageFull: it could not be written; nothing is left of it.
    """
    target = output.with_name(f"{output.stem}.skipped.jsonl")
    if not rows:
        target.unlink(missing_ok=True)
        return None
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageFull(f"the list of skipped rows could not be written: {error}", where=str(target)) from error
    return target

"""What databases complain of, in words that users can act on."""

from __future__ import annotations

from platform_core.sdk.errors import Conflict, IntegrityError, StorageFull, UsageError, VerticoreError


def explain(complaint: str, place: str) -> VerticoreError | None:
    """Return the error that says what ``complaint`` means for users; ``None`` where it is a bug of ours."""
    if "disk is full" in complaint or "No space left" in complaint:
        return StorageFull("the disk is full", where=place, hint="free some space and try again")
    if "file is not a database" in complaint or "image is malformed" in complaint:
        return IntegrityError(
            "the file is no SQLite database, or is damaged", where=place, hint="restore it from a copy, or use --home"
        )
    if "unable to open database file" in complaint or "readonly database" in complaint:
        return UsageError(
            "the database cannot be opened", where=place, hint="check the permissions of the folder, or use --home"
        )
    if "database is locked" in complaint:
        return Conflict(
            "another process has been writing for too long", where=place, hint="wait until it is done and try again"
        )
    return None

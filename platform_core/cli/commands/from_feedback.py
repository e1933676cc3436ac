"""``verticore data from-feedback``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json


def register(app: typer.Typer) -> None:
    """Add the command to the group ``app``."""

    @command(
        app,
        "from-feedback",
        examples=(
            "verticore data from-feedback news",
            "verticore data from-feedback news@champion --since 2026-11-01",
        ),
    )
    def from_feedback(
        door: Door,
        model: Annotated[str, typer.Argument(metavar="MODEL[:VERSION|@ALIAS]", help="A bare name is its champion.")],
        since: Annotated[
            str | None,
            typer.Option("--since", metavar="MOMENT", help="Only what was said from then on; in UTC."),
        ] = None,
    ) -> Json:
        """Make the next version of a model's dataset with what people said; its test split stays as it is."""
        found = door.platform.data_from_feedback(model, since=_moment(since))
        door.warn(*found.warnings)
        if found.is_new:
            door.say(f"{found.dataset}, which goes on from {found.parent}", style="bold")
        else:
            door.say(f"There is nothing that {found.parent} does not know.")
        counts = {
            "examples with feedback": found.read,
            **{f"new in {split}": count for split, count in found.added.items()},
            "corrected in the old rows": found.corrected,
            "known already": found.known,
            "left out: like rows of the test": found.in_test,
            "left out: of groups in the test": found.in_test_groups,
        }
        door.table(("rows", "count"), [(name, count) for name, count in counts.items() if count])
        if found.is_new:
            door.next_steps(
                f"verticore train {found.solution} --data {found.dataset} --name {found.model}",
                f"verticore gate {found.model} --against @champion",
            )
        return found.to_dict()


def _moment(text: str | None) -> datetime | None:
    """Read a date or a moment; one without a zone is in UTC.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        from platform_core.sdk.errors import UsageError

        hint = "write 2026-11-01 or 2026-11-01T08:00"
        raise UsageError(f"{text!r} is no moment", where="--since", hint=hint) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

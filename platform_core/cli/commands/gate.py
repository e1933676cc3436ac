"""``verticore gate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door

if TYPE_CHECKING:
    from platform_core.monitoring.gating.report import GateReport


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "gate",
        examples=(
            "verticore gate news:4 --against @champion",
            "verticore gate news:4 --against @champion --promote --output report.html",
            "verticore gate claims:2 --against claims:1 --slice region --max-loss .01 --better --json",
        ),
    )
    def gate(
        door: Door,
        model: options.Model,
        against: Annotated[
            str, typer.Option("--against", metavar="@ALIAS|MODEL", help="The version in place.")
        ] = "@champion",
        promote: Annotated[bool, typer.Option("--promote", help="Move the alias where it passes.")] = False,
        data: Annotated[
            str | None,
            typer.Option("--data", metavar="PATH_OR_VERSION", help="Held-out data. Default: the test split."),
        ] = None,
        slice_: Annotated[
            list[str] | None,
            typer.Option("--slice", metavar="FIELD", help="Judge its values apart, too. May be repeated."),
        ] = None,
        max_loss: Annotated[
            float,
            typer.Option("--max-loss", min=0, help="Loss of the primary metric; of errors in units, their share."),
        ] = 0.02,
        significance: Annotated[
            float, typer.Option("--significance", min=0.0001, max=0.5, help="Below this p-value it is no chance.")
        ] = 0.05,
        min_examples: Annotated[int, typer.Option("--min-examples", min=1, help="Held-out examples it takes.")] = 50,
        min_feedback: Annotated[
            int, typer.Option("--min-feedback", min=1, help="Fresh feedback that is judged, not only shown.")
        ] = 50,
        max_slowdown: Annotated[
            float, typer.Option("--max-slowdown", min=1, help="Times as long that one answer may take.")
        ] = 1.5,
        max_calibration_loss: Annotated[
            float, typer.Option("--max-calibration-loss", min=0, help="Growth of the calibration error.")
        ] = 0.05,
        better: Annotated[bool, typer.Option("--better", help="No worse is not enough: better beyond chance.")] = False,
        output: Annotated[
            Path | None, typer.Option("--output", metavar="FILE", help="Report: .html, .md or .json.")
        ] = None,
    ) -> None:
        """May a version take the place of another? Exit code 0: yes, 1: no, 2: it cannot be judged."""
        from platform_core.monitoring.gating.policy import GateLimits
        from platform_core.monitoring.gating.writing import writer_of

        keep = writer_of(output) if output else lambda _: None
        limits = GateLimits(
            max_loss=max_loss,
            significance=significance,
            min_examples=min_examples,
            min_feedback=min_feedback,
            max_slowdown=max_slowdown,
            max_calibration_loss=max_calibration_loss,
            better=better,
        )
        with door.progress() as progress:
            report = door.platform.gate(
                model,
                against,
                data=data,
                slices=slice_ or (),
                limits=limits,
                promote=promote,
                progress=progress,
                keep=keep,
            )
        show_report(door, report, output)
        door.emit(report.to_dict())
        if not report.passed:
            raise typer.Exit(1)


def show_report(door: Door, report: GateReport, output: Path | None) -> None:
    """Show the verdict, the questions and their answers."""
    from platform_core.cli.comparisons import show_paired
    from platform_core.monitoring.gating.writing import QUESTIONS

    for judged in (report.test, report.feedback):
        if judged.comparison is not None:
            door.say("", judged.source, style="bold")
            show_paired(door, judged.comparison)
    door.table(
        ("question", "answer", "why"), [(QUESTIONS[check.name], check.state, check.reason) for check in report.checks]
    )
    if report.promoted:
        verdict = f"{report.candidate} passed and is now @{report.alias}"
    elif report.passed:
        verdict = f"{report.candidate} may take the place of {report.present}"
    else:
        verdict = f"{report.candidate} may not take the place of {report.present}"
    door.say(verdict, style="bold")
    if output is not None:
        door.say(f"Report: {output}")
    if report.passed and report.alias and not report.promoted:
        door.next_steps(f"verticore models promote {report.candidate} {report.alias}")

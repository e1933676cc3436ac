"""What was tried before a run, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platform_core.cli.door import Door

if TYPE_CHECKING:
    from platform_core.finetune.search.results import Tuned
    from platform_core.finetune.search.schemas import CrossValidated, Selection

_SHOWN = 10


def show_selection(door: Door, selection: Selection | None) -> None:
    """Show how the method was chosen, the best of a search, and what cross-validation found."""
    if selection is None:
        return
    chosen, crossed = selection.method, selection.cross_validation
    if chosen:
        door.table(
            ("method", chosen.metric, "seconds", "what became of it"),
            [(a.method, a.value, a.seconds, a.note or a.state) for a in chosen.attempts],
            title="Methods that were tried",
        )
        door.say(chosen.chosen_because)
    if selection.search:
        door.say(selection.search.sentence())
    if crossed:
        _show_folds(door, crossed)


def show_search(door: Door, found: Tuned) -> None:
    """Show the trials of a search, the best first, and what mattered."""
    from platform_core.cli.output import duration
    from platform_core.evaluation.names import sign_of

    summary = found.summary
    sign = sign_of(summary.metric)
    ranked = sorted(found.trials, key=lambda t: (t.state != "complete", t.value is None, -sign * (t.value or 0.0)))
    door.table(
        ("trial", summary.metric, "state", "seconds", "values"),
        [(t.number, t.value, t.state, t.seconds, t.error or _values(t.parameters)) for t in ranked[:_SHOWN]],
        title=f"Study {summary.study}",
    )
    if len(ranked) > _SHOWN:
        door.say(f"… and {len(ranked) - _SHOWN} more")
    if found.importance:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in found.importance.items())
        door.say(f"What accounts for the differences: {shares}")
    ended = f"{summary.trials} trials, {summary.pruned} pruned, {summary.failed} failed"
    door.say(f"{ended}, in {duration(found.seconds)}", f"  study {found.file}", f"  picture {found.picture}")


def _show_folds(door: Door, crossed: CrossValidated) -> None:
    from platform_core.cli.output import metric_rows, number

    values = ", ".join(map(number, crossed.values))
    door.table(
        ("metric", "value", "95 % interval"),
        metric_rows(crossed.metrics, crossed.intervals, primary=crossed.metric),
        title=f"Cross-validation, the {crossed.n:,} rows of all {crossed.folds} folds together",
    )
    door.say(f"{crossed.metric} {number(crossed.mean)} ± {number(crossed.sd)} over the folds: {values}")


def _values(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} {v:.3g}" if isinstance(v, float) else f"{n} {v}" for n, v in parameters.items())

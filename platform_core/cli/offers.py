"""What ``verticore solutions show`` shows: what a solution reads, predicts and recommends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.sdk import Example, FieldMarker, Recipe, Solution, Target

ALL_OTHERS = "all columns that feed no other field"
SHOWN_NAMES = 4
"""Names of a level that people are shown."""


def describe_solution(solution: Solution) -> Json:
    """Return the solution as JSON types."""
    from platform_core.datasets.request_schema import request_schema

    return {
        "id": solution.id,
        "title": solution.title,
        "summary": solution.summary,
        "fields": [*describe_fields(solution.example), _target_field(solution.target)],
        "target": _describe_target(solution.target),
        "labels": list(solution.target.order),
        "primary_metric": solution.primary_metric,
        "slices": list(solution.slices),
        "adapters": [{"name": a.name, "description": a.description} for a in solution.adapters],
        "methods": {name: recipe.model_dump(mode="json") for name, recipe in solution.recipes.items()},
        "default_method": solution.default_method,
        "intended_use": solution.notes.intended_use,
        "limits": list(solution.notes.limits),
        "schema": request_schema(solution.example),
    }


def show_solution(door: Door, solution: Solution) -> None:
    """Show the same to people."""
    door.say(f"{solution.id}: {solution.title}", style="bold")
    door.say(solution.summary, "", f"For: {solution.notes.intended_use}")
    door.say(*(f"Limit: {limit}" for limit in solution.notes.limits))
    fields = [*describe_fields(solution.example), _target_field(solution.target)]
    door.table(
        ("field", "holds", "columns it is known by"),
        [(field["name"], field["kind"], field["columns"] or "") for field in fields],
    )
    door.say(f"Predicts {_in_words(solution.target)}; models are chosen by {solution.primary_metric}.")
    _show_levels(door, solution.target)
    if solution.slices:
        door.say(f"Reported apart: {', '.join(solution.slices)}")
    door.table(("adapter", "reads"), [(adapter.name, adapter.description) for adapter in solution.adapters])
    door.table(
        ("method", "epochs", "batch", "rate", "encoder", "fits"),
        [
            (f"{name}{' (auto)' if name == solution.default_method else ''}", *_recipe_row(solution, name, recipe))
            for name, recipe in solution.recipes.items()
        ],
    )


def describe_fields(example: type[Example]) -> list[Json]:
    """Return what the fields of ``example`` hold, and by which columns they are known, as JSON types."""
    from platform_core.sdk import field_markers

    return [dict(_field(name, marker)) for name, marker in field_markers(example).items()]


def _field(name: str, marker: FieldMarker) -> Iterator[tuple[str, object]]:
    from platform_core.sdk import Category, Columns, Number

    yield "name", name
    yield "kind", type(marker).__name__.lower()
    if isinstance(marker, Columns):
        yield "columns", [ALL_OTHERS]
        yield "known_later", list(marker.known_later)
        yield "ignored", list(marker.ignored)
        yield "unique", list(marker.unique)
    else:
        yield "columns", list(marker.aliases)
    if isinstance(marker, Number):
        yield from (("unit", marker.unit), ("low", marker.low), ("high", marker.high))
    if isinstance(marker, Category):
        yield "known", list(marker.known)


def _target_field(target: Target) -> Json:
    return {"name": "label", "kind": "target", "columns": list(target.aliases)}


def _describe_target(target: Target) -> Json:
    from platform_core.sdk import ClassTarget, LabelsTarget, NumberTarget, OrdinalTarget

    match target:
        case ClassTarget():
            return {"kind": "class", "positive": list(target.positive)}
        case OrdinalTarget():
            return {"kind": "level", "severe": target.severe}
        case LabelsTarget():
            return {"kind": "labels", "separators": target.separators}
        case NumberTarget():
            return {"kind": "number", "unit": target.unit}


def _in_words(target: Target) -> str:
    from platform_core.sdk import LabelsTarget, NumberTarget, OrdinalTarget

    if isinstance(target, NumberTarget):
        return f"a number in {target.unit}" if target.unit else "a number"
    if isinstance(target, OrdinalTarget) and (levels := _levels(target.order)):
        first, last = levels[0][0], levels[-1][0]
        return f"one of {len(levels)} levels (most severe: {first if target.severe == 'first' else last})"
    among = f" of {', '.join(target.order)}" if target.order else ""
    if isinstance(target, OrdinalTarget):
        end = "" if not target.order else f" (most severe: {target.order[0 if target.severe == 'first' else -1]})"
        return f"one level{among}{end}"
    if isinstance(target, LabelsTarget):
        return f"a set of labels{among}"
    wanted = f" (looked for: {' or '.join(target.positive)})" if target.positive else ""
    return f"one class{among}{wanted}"


def _levels(order: Sequence[str]) -> list[list[str]]:
    """Return the names of each level, where names of several scales are told apart by a number; else nothing."""
    levels: list[list[str]] = []
    for name in order:
        if name.isdecimal():
            levels.append([name])
        elif levels:
            levels[-1].append(name)
        else:
            return []
    return levels if len(levels) < len(order) else []


def _show_levels(door: Door, target: Target) -> None:
    """Show the levels that have several names, with the first of them; --json has all."""
    from platform_core.sdk import OrdinalTarget

    if not isinstance(target, OrdinalTarget):
        return
    rows = [
        (level, ", ".join(names[:SHOWN_NAMES]) + (f", … ({len(names)} names)" if len(names) > SHOWN_NAMES else ""))
        for level, *names in _levels(target.order)
    ]
    if rows:
        door.table(("level", "known as"), rows)


def _recipe_row(solution: Solution, method: str, recipe: Recipe) -> tuple[object, ...]:
    from platform_core.sdk import Text, field_markers

    reads_text = any(isinstance(marker, Text) for marker in field_markers(solution.example).values())
    members = ", ".join(recipe.members) if method == "fit" else ""
    return recipe.epochs, recipe.batch_size, f"{recipe.learning_rate:g}", recipe.encoder if reads_text else "", members

"""What the kit asks of the way from a row or a request to a finished example: masking, history, derived columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.histories import pasts_of
from platform_core.datasets.pseudonyms import KEY_FILE, Pseudonyms
from platform_core.datasets.reading import ReadResult, read_examples
from platform_core.datasets.requests import finish_requests
from platform_core.sdk import Example, Solution, Source

_LOOKED_AT = 40
"""Rows that are asked again as requests."""


def check_derived(solution: Solution, folder: Path) -> None:
    """Every sample request gives the same columns, with its history and without, and the same values again."""
    finisher = _finisher(solution, folder)
    roles = finisher.roles
    if roles.derived is None:
        return
    alone = [
        {name: value for name, value in request.items() if name != roles.history} for request in _requests(solution)
    ]
    first, again = (finish_requests(finisher, [*_requests(solution), *alone]) for _ in range(2))
    assert first == again, "derive: nothing but its arguments may decide"
    for example in first:
        assert getattr(example, roles.derived), "derive returns no columns"
        assert roles.history is None or not getattr(example, roles.history)


def check_masker(solution: Solution, sample: Source) -> None:
    """Masking a masked text changes nothing, and finds nothing."""
    if solution.masker is None:
        return
    assert solution.masker.name.strip()
    for row in read_examples(solution, sample.root).examples:
        for text in _texts_of(solution, row.example):
            once = solution.masker.mask(text)
            again = solution.masker.mask(once.text)
            assert again.text == once.text
            assert not any(again.counts.values()), again.counts


def check_same_road(solution: Solution, sample: Source, folder: Path) -> None:
    """A row of a file, and the same row as a request with its history, give the same finished example."""
    raw = read_examples(solution, sample.root)
    done = read_examples(solution, sample.root, finisher=_finisher(solution, folder))
    requests = _as_requests(raw, _finisher(solution, folder))
    step = max(1, len(requests) // _LOOKED_AT)
    asked = finish_requests(_finisher(solution, folder), requests[::step])
    assert asked == [row.example for row in done.examples[::step]]


def _finisher(solution: Solution, folder: Path) -> Finisher:
    return Finisher(solution, Pseudonyms(folder / KEY_FILE))


def _requests(solution: Solution) -> list[dict[str, Any]]:
    return [dict(request) for request in solution.sample.requests]


def _texts_of(solution: Solution, example: Example) -> list[str]:
    values = [getattr(example, name) for name in Finisher(solution, Pseudonyms(Path())).roles.texts]
    return [value for value in values if value is not None]


def _as_requests(read: ReadResult, finisher: Finisher) -> list[Mapping[str, Any]]:
    roles = finisher.roles
    left_out = {name for name in (roles.history, roles.derived) if name}
    examples = [row.example for row in read.examples]
    given = [example.model_dump(mode="json", exclude=left_out) for example in examples]
    if roles.history is None:
        return list(given)
    pasts = ([entry.model_dump(mode="json", exclude=left_out) for entry in past] for past in pasts_of(examples, roles))
    return [{**request, roles.history: past} for request, past in zip(given, pasts, strict=True)]

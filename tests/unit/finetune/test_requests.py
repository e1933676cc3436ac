from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from platform_core.finetune.requests import check_devices, check_wishes, choose_wishes, resolve_recipe
from platform_core.sdk import ClassTarget, LabelsTarget, NumberTarget, OrdinalTarget, Recipe, Silent, UsageError

SOLUTION = SimpleNamespace(id="acme.words", recipes={"fit": Recipe(), "head": Recipe(epochs=3)}, default_method="fit")


def test_auto_is_the_default_method_and_an_unknown_one_is_refused():
    assert resolve_recipe(SOLUTION, "auto", None, {}) == ("fit", Recipe())
    with pytest.raises(UsageError, match="auto, fit, head"):
        resolve_recipe(SOLUTION, "lora", None, {})


def test_changes_and_the_encoder_reach_the_recipe():
    _, recipe = resolve_recipe(SOLUTION, "head", "other", {"table.width": 128, "batch_size": 8})
    assert (recipe.encoder, recipe.epochs, recipe.table.width, recipe.batch_size) == ("other", 3, 128, 8)


@pytest.mark.parametrize(
    ("target", "goal", "risk", "labels"),
    [
        (ClassTarget(), "recall=.95", 0.05, None),
        (ClassTarget(), "cost=fp:1,fn:20", None, ["no", "yes"]),
        (ClassTarget(), None, 0.05, ["a", "b", "c"]),
        (LabelsTarget(), "alerts=1%", 0.05, None),
        (OrdinalTarget(), None, 0.05, None),
        (NumberTarget(), None, None, None),
        (NumberTarget(), "none", 0, None),
    ],
)
def test_wishes_that_can_be_had_pass(target, goal, risk, labels):
    check_wishes(target, goal, risk, labels)


@pytest.mark.parametrize(
    ("target", "goal", "risk", "labels", "where"),
    [
        (ClassTarget(), "recal=.95", 0.05, None, "--goal"),
        (ClassTarget(), "recall=.95", None, ["a", "b", "c"], "--goal"),
        (OrdinalTarget(), "recall=.95", None, None, "--goal"),
        (ClassTarget(), "recall=.95", 5.0, None, "--abstain-risk"),
        (ClassTarget(), None, -0.1, None, "--abstain-risk"),
        (NumberTarget(), None, 0.05, None, "--abstain-risk"),
    ],
)
def test_wishes_that_cannot_be_had_are_refused_before_work(target, goal, risk, labels, where):
    with pytest.raises(UsageError) as refused:
        check_wishes(target, goal, risk, labels)
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("devices", "device", "said"),
    [
        (0, "cpu", "0 processes cannot train"),
        (3, "cuda", "3 GPUs are asked for, this machine shows 2"),
        (2, "cuda:1", "the first 2 GPUs, but cuda:1 is set"),
    ],
)
def test_devices_that_are_not_there_are_refused(monkeypatch, devices, device, said):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match=said):
        check_devices(devices, torch.device(device))


@pytest.mark.parametrize(("devices", "device"), [(8, "cpu"), (1, "cuda:1"), (2, "cuda"), (2, "cuda:0")])
def test_devices_that_are_there_pass(monkeypatch, devices, device):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_devices(devices, torch.device(device))


class Notes(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.parametrize(
    ("target", "said", "labels", "chosen", "notes"),
    [
        (ClassTarget(), (None, None), ["no", "yes"], ("alerts=1%", 0.1), []),
        (ClassTarget(), ("none", 0), ["no", "yes"], (None, None), []),
        (ClassTarget(), ("recall=.9", 0.2), ["no", "yes"], ("recall=.9", 0.2), []),
        (ClassTarget(), (None, None), ["a", "b", "c"], (None, 0.1), ["the goal alerts=1% by default"]),
        (NumberTarget(), (None, None), [], (None, None), ["the goal alerts=1%", "an accepted risk of 0.1"]),
    ],
)
def test_defaults_of_the_solution_hold_where_the_user_says_nothing(target, said, labels, chosen, notes):
    solution = SimpleNamespace(id="acme.words", target=target, goal="alerts=1%", abstain_risk=0.1)
    progress = Notes()
    assert choose_wishes(solution, *said, labels, progress) == chosen
    assert len(progress.said) == len(notes)
    assert all(part in text for part, text in zip(notes, progress.said, strict=True))


def test_what_the_user_says_is_refused_with_or_without_defaults():
    solution = SimpleNamespace(id="acme.words", target=ClassTarget(), goal="alerts=1%", abstain_risk=None)
    with pytest.raises(UsageError, match="no threshold"):
        choose_wishes(solution, "recall=.9", None, ["a", "b", "c"], Silent())

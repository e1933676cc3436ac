"""Heads: every kind of answer, its loss, its scores and back; fitted ones and their blend."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from platform_core.evaluation.decisions import decide
from platform_core.sdk import DataError, Decision, UsageError
from platform_core.sdk.heads import (
    BinaryHead,
    BlendHead,
    BoostedTrees,
    ClassificationHead,
    Dropout,
    FitData,
    Head,
    HeadSpec,
    LinearProbe,
    MultiLabelHead,
    OrdinalHead,
    RegressionHead,
    binary_loss,
    class_loss,
    ordinal_loss,
)

KINDS: list[type[Head]] = [BinaryHead, ClassificationHead, OrdinalHead, MultiLabelHead, RegressionHead]
PLAIN = Decision()


def spec_of(kind: type[Head], **changes: object) -> HeadSpec:
    labels = {BinaryHead: ("no", "yes"), RegressionHead: ()}.get(kind, ("a", "b", "c", "d"))
    widths = {"pooled": 5, "text": 5, "numbers": 3, "categories": 1, "dense": 4}
    return HeadSpec(**{"feature_widths": widths, "labels": labels, "center": 10.0, "scale": 4.0} | changes)  # type: ignore[arg-type]


def targets_for(kind: type[Head]) -> list[object]:
    return {
        BinaryHead: ["no", "yes", "yes"],
        MultiLabelHead: [("a", "d"), (), ("b",)],
        RegressionHead: [3.0, 11.5, -4.0],
    }.get(kind, ["a", "d", "b"])


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_found_again_from_scores(kind: type[Head]) -> None:
    torch.manual_seed(0)
    head = kind(spec_of(kind)).eval()
    scores = head.scores(head({"pooled": torch.randn(20, 5)}))
    again = head.scores(head.outputs_of(scores))
    torch.testing.assert_close(again, scores, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_learns_its_targets(kind: type[Head]) -> None:
    torch.manual_seed(0)
    head = kind(spec_of(kind))
    features = {"pooled": torch.eye(5)[:3]}
    targets = head.encode_targets(targets_for(kind))  # type: ignore[arg-type]
    optimiser = torch.optim.Adam(head.parameters(), 0.1)
    for _ in range(400):
        optimiser.zero_grad()
        head.loss(head(features), targets).backward()
        optimiser.step()
    said = head.eval().predict(features)
    found = [answer.get("label", answer.get("value", tuple(answer.get("labels", ())))) for answer in said]
    assert found == pytest.approx(targets_for(kind), abs=0.5) if kind is RegressionHead else found == targets_for(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_do_not_depend_on_their_neighbours(kind: type[Head]) -> None:
    head = kind(spec_of(kind)).eval()
    pooled = torch.randn(6, 5)
    together = head({"pooled": pooled})
    alone = torch.cat([head({"pooled": row[None]}) for row in pooled])
    torch.testing.assert_close(together, alone)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8))
@settings(max_examples=50)
def test_levels_have_probabilities(positions: list[float]) -> None:
    torch.manual_seed(1)
    head = OrdinalHead(spec_of(OrdinalHead)).eval()
    with torch.no_grad():
        head.gaps.copy_(torch.randn(2) * 5)
        head.output.weight.zero_()
        head.output.weight[0, 0] = 1
    pooled = torch.zeros(len(positions), 5)
    pooled[:, 0] = torch.tensor(positions)
    scores = head.scores(head({"pooled": pooled}))
    assert (scores >= -1e-6).all()
    torch.testing.assert_close(scores.sum(-1), torch.ones(len(positions)))


def test_the_positive_class_may_come_first() -> None:
    head = BinaryHead(spec_of(BinaryHead, positive="no")).eval()
    outputs = torch.tensor([[3.0]])
    assert head.scores(outputs)[0, 0] > 0.9
    assert head.decode(head.scores(outputs), PLAIN)[0]["label"] == "no"


def test_binary_heads_need_two_labels() -> None:
    with pytest.raises(DataError, match="two labels apart, the data has 4: a, b, c, d"):
        BinaryHead(spec_of(ClassificationHead))


def test_focal_loss_without_focus_is_cross_entropy() -> None:
    logits, targets, weights = torch.randn(9, 4), torch.randint(4, (9,)), torch.tensor([1.0, 2.0, 0.5, 3.0])
    plain = F.cross_entropy(logits, targets, weight=weights)
    torch.testing.assert_close(class_loss(logits, targets, weights=weights, kind="focal", gamma=0.0), plain)
    questions = torch.randint(2, (9, 4)).float()
    plain = F.binary_cross_entropy_with_logits(logits, questions)
    torch.testing.assert_close(binary_loss(logits, questions, kind="focal", gamma=0.0), plain)


def test_focal_loss_looks_away_from_easy_examples() -> None:
    easy, hard = torch.tensor([[6.0, 0.0]]), torch.tensor([[0.5, 0.0]])
    target = torch.tensor([0])

    def share(logits: torch.Tensor) -> float:
        return float(class_loss(logits, target, kind="focal") / class_loss(logits, target))

    assert share(easy) < 0.01 < share(hard)


def test_ordinal_loss_grows_with_distance() -> None:
    logits = torch.tensor([[6.0, 3.0, -6.0]])  # surely level 2 of 0…3
    losses = [float(ordinal_loss(logits, torch.tensor([level]))) for level in range(4)]
    assert losses[2] < losses[1] < losses[0]
    assert losses[2] < losses[3]


def blend_data(kind: type[Head], rows: int = 300) -> tuple[Head, FitData]:
    torch.manual_seed(0)
    z = torch.rand(rows)
    numbers = torch.stack((z + torch.randn(rows) * 0.05, torch.randn(rows), torch.randn(rows)), -1).double()
    numbers[::17, 1] = math.nan
    features = {
        "numbers": numbers,
        "categories": torch.randint(0, 4, (rows, 1)),
        "text": torch.randn(rows, 5),
        "dense": torch.cat((numbers.nan_to_num().float(), torch.ones(rows, 1)), -1),
        "pooled": torch.randn(rows, 5),
    }
    head = kind(spec_of(kind))
    labels = head.spec.labels
    targets: list[object] = [float(v) for v in 10 + 4 * z]
    if kind is MultiLabelHead:
        targets = [tuple(label for i, label in enumerate(labels) if v > i / 4) for v in z]
    elif labels:
        targets = [labels[min(len(labels) - 1, int(v * len(labels)))] for v in z]
    return head, FitData(features, head.encode_targets(targets))  # type: ignore[arg-type]


def cut(data: FitData, part: slice) -> FitData:
    return FitData({name: tensor[part] for name, tensor in data.features.items()}, data.targets[part])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", [LinearProbe, BoostedTrees])
def test_members_learn_and_are_kept_whole(kind: type[Head], member: type) -> None:
    head, data = blend_data(kind)
    if kind is MultiLabelHead and member is BoostedTrees:
        with pytest.raises(UsageError, match="not a set of labels"):
            BoostedTrees(head.spec, head)
        return
    training, validation = cut(data, slice(200)), cut(data, slice(200, None))
    fitted = member(head.spec, head)
    fitted.fit(training, validation, seed=0)
    outputs = fitted(validation.features)
    untrained = head.outputs_of(head.scores(torch.zeros_like(outputs)))
    assert head.loss(outputs, validation.targets) < 0.8 * head.loss(untrained, validation.targets)
    again = member(head.spec, head)
    again.load_state_dict(fitted.state_dict())
    assert torch.equal(again(validation.features), outputs)


def test_a_blend_prefers_the_better_member() -> None:
    head, data = blend_data(ClassificationHead)
    good, bad = LinearProbe(head.spec, head), head
    good.fit(cut(data, slice(200)), None, seed=0)
    blend = BlendHead(head.spec, head, {"linear": good, "network": bad})
    validation = cut(data, slice(200, None))
    blend.fit(cut(data, slice(200)), validation, seed=0)
    assert blend.shares["linear"] > 0.8
    assert sum(blend.shares.values()) == pytest.approx(1)
    assert set(blend.reads) == {"text", "dense", "pooled"}
    mixed = head.loss(blend(validation.features), validation.targets)
    assert mixed <= head.loss(bad(validation.features), validation.targets)


def test_a_blend_trusts_many_validation_rows_more_than_few() -> None:
    head, data = blend_data(ClassificationHead)
    good = LinearProbe(head.spec, head)
    good.fit(cut(data, slice(200)), None, seed=0)
    few = cut(data, slice(200, None))
    many = FitData({name: part.repeat(50, 1) for name, part in few.features.items()}, few.targets.repeat(50))
    shares = []
    for validation in (few, many):
        blend = BlendHead(head.spec, head, {"linear": good, "network": head})
        blend.fit(data, validation, seed=0)
        shares.append(blend.shares["linear"])
    assert 0.5 < shares[0] < shares[1] - 0.01
    assert shares[1] > 0.98


def test_a_class_without_training_examples_gets_no_vote() -> None:
    head, data = blend_data(ClassificationHead)
    known = data.targets != 2
    training = FitData({name: tensor[known] for name, tensor in data.features.items()}, data.targets[known])
    probe = LinearProbe(head.spec, head)
    probe.fit(training, None, seed=0)
    assert head.scores(probe(data.features))[:, 2].max() < 1e-4


def test_thresholds_and_abstention() -> None:
    head = ClassificationHead(spec_of(ClassificationHead))
    scores = torch.tensor([[0.4, 0.3, 0.2, 0.1]])
    assert head.decode(scores, Decision(thresholds={"a": 0.5}))[0]["label"] == "b"
    assert head.decode(scores, Decision(abstain_below=0.5))[0]["abstained"] is True
    assert "abstained" not in head.decode(scores, Decision(abstain_below=0.4))[0]


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 0.999999, 1.0])
def test_dropout_keeps_the_mean(probability: float) -> None:
    torch.manual_seed(0)
    layer, values = Dropout(probability), torch.ones(401, 501)
    dropped = layer(values)
    kept = dropped != 0
    assert float(kept.float().mean()) == pytest.approx(1 - probability, abs=0.003)
    assert torch.allclose(dropped[kept] * (1 - probability), values[kept])
    assert layer.eval()(values) is values or torch.equal(layer(values), values)


def test_dropout_repeats_with_its_seed_and_differs_by_call() -> None:
    layer, values = Dropout(0.5), torch.ones(7, 9)
    torch.manual_seed(3)
    first, second = layer(values), layer(values)
    torch.manual_seed(3)
    assert torch.equal(layer(values), first)
    assert not torch.equal(second, first)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.0])
def test_focal_loss_has_a_slope_where_the_answer_is_certain(gamma: float) -> None:
    logits = torch.tensor([[300.0, 0.0], [0.0, 300.0]], requires_grad=True)
    class_loss(logits, torch.tensor([0, 1]), kind="focal", gamma=gamma).backward()
    binary_loss(logits, torch.tensor([[1, 0], [0, 1]]), kind="focal", gamma=gamma).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_levels_may_have_the_focal_loss() -> None:
    plain, focal = (OrdinalHead(spec_of(OrdinalHead, loss=kind)) for kind in ("cross_entropy", "focal"))
    outputs, targets = torch.tensor([[6.0, 3.0, -6.0]]), torch.tensor([2])
    assert focal.loss(outputs, targets) < 0.1 * plain.loss(outputs, targets)


@pytest.mark.parametrize("label", ["a", "d"])
def test_a_class_that_is_alone_is_certain(label: str) -> None:
    head, data = blend_data(ClassificationHead)
    probe = LinearProbe(head.spec, head)
    probe.fit(FitData(data.features, head.encode_targets([label] * 300)), None, seed=0)
    assert probe.predict(cut(data, slice(1)).features)[0]["scores"][label] > 0.999


def test_labels_that_all_or_no_examples_have_are_certain() -> None:
    head, data = blend_data(MultiLabelHead)
    targets = head.encode_targets([("a", "b") if row % 2 else ("a",) for row in range(300)])
    probe = LinearProbe(head.spec, head)
    probe.fit(FitData(data.features, targets), None, seed=0)
    scores = head.scores(probe(data.features))
    assert scores[:, 0].min() > 0.999
    assert scores[:, 2:].max() < 0.001
    assert 0.1 < scores[:, 1].mean() < 0.9


def test_a_column_that_never_changed_says_nothing_when_it_does() -> None:
    head, data = blend_data(ClassificationHead)
    features = dict(data.features) | {"dense": data.features["dense"].clone()}
    features["dense"][:, 3] = 0.3
    probe = LinearProbe(head.spec, head)
    probe.fit(FitData(features, data.targets), None, seed=0)
    before = head.scores(probe(features))
    features["dense"][:, 3] = 1.3
    torch.testing.assert_close(head.scores(probe(features)), before, atol=1e-3, rtol=0)


def test_a_level_at_its_threshold_is_what_evaluation_says() -> None:
    head = OrdinalHead(spec_of(OrdinalHead))
    scores = torch.tensor([[0.1, 0.2, 0.4, 0.3]])  # in single precision their sums are a little less
    limit = float(scores.double().cumsum(-1)[0, 2])
    decision = Decision(thresholds={"a": 0.9, "b": 0.9, "c": limit, "d": 0.9})
    said = decide("ordinal", head.spec.labels, scores.double().numpy(), decision)
    assert head.decode(scores, decision)[0]["label"] == head.spec.labels[said[0]] == "c"


def test_the_most_probable_labels_are_listed_where_the_target_wants_it():
    scores = torch.tensor([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    spec = HeadSpec(feature_widths={"pooled": 2}, labels=("a", "b", "c"), top=2)
    predictions = ClassificationHead(spec).decode(scores, Decision(thresholds={"b": 0.6}))
    assert [said["top"] for said in predictions] == [["b", "c"], ["a", "c"]]
    assert [said["label"] for said in predictions] == ["c", "a"]
    assert "top" not in ClassificationHead(replace(spec, top=0)).decode(scores, PLAIN)[0]

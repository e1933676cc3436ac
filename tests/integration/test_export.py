"""Exports: every input kind answers as its parent does, alone or in company, inside Verticore and outside."""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import numpy as np
import onnx_ir
import pytest
import torch
from worlds import Answer, Kind, TableOnly, make_solution, write_encoder
from worlds.work import World

from platform_core.cli.entry import run
from platform_core.datasets.records import LabeledExample
from platform_core.evaluation.calibrating import Calibration
from platform_core.finetune.export import service
from platform_core.finetune.export.readme import readme
from platform_core.finetune.export.tracing import assemble, trace
from platform_core.finetune.export.writing import README_FILE, describe_export, write_export
from platform_core.modeling.artifact import load_artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.spec import EncoderRecord, ExportRecord, HeadRecord, ModelSpec
from platform_core.platform import Platform
from platform_core.sdk import Decision, Example, IntegrityError, Method, Review, Solution, Text, UsageError
from platform_core.sdk.heads import ClassificationHead, Features
from platform_core.settings import Settings

pytest.importorskip("onnxruntime")

PARENT = SimpleNamespace(ref="m:1", digest="0" * 64)
TEMPERED = Calibration(method="temperature", temperature=1.7)
RAW = Calibration()
ISOTONIC = Calibration(method="isotonic", column=0, x=(0.0, 0.4, 1.0), y=(0.1, 0.2, 0.9))


class TokenHead(ClassificationHead):
    """A head that looks at the loudest token."""

    reads = ("tokens", "pooled")

    def forward(self, features: Features) -> torch.Tensor:
        hidden = features["tokens"].masked_fill(features["mask"].unsqueeze(-1) == 0, -1e9)
        return super().forward({"pooled": features["pooled"] + hidden.amax(1)})


class DecidingHead(ClassificationHead):
    """A head that no graph can hold: what it computes depends on values."""

    def forward(self, features: Features) -> torch.Tensor:
        outputs = super().forward(features)
        return outputs if float(outputs.detach().sum()) > 0 else -outputs


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


def learned_model(
    world: World, kind: Kind, answer: Answer, method: Method, **changes: Any
) -> tuple[Path, list[Example]]:
    """Return the folder of a model that learned a little, and examples that it has not seen."""
    material = world.material(kind, answer, method, rows=200, epochs=2, **changes)
    name = f"{kind}-{answer}-{method}-{len(list(world.folder.glob('models/*')))}"
    world.save_and_load(world.learn(material, name), material, name)
    return world.folder / "models" / name, [row.example for row in material.splits["test"]]


def export(world: World, source: Path, solution: Solution, **changes: Any) -> Path:
    """Write an export of the model in ``source``, with another calibration or decision; return its folder."""
    folder = source.with_name(source.name + "-onnx")
    folder.mkdir()
    artifact = load_artifact(source, head=solution.head)
    encoder = world.pool.fresh(world.encoder) if artifact.spec.encoder else None
    graph = trace(assemble(artifact, encoder), artifact.spec)
    spec = artifact.spec.model_copy(update=changes)
    write_export(folder, describe_export(spec, PARENT, "fp32", encoder), graph, encoder, solution)  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize(
    ("kind", "answer", "method", "calibration", "decision"),
    [
        ("text", "multiclass", "lora", TEMPERED, Decision(abstain_below=0.4)),
        ("table", "multiclass", "head", RAW, Decision(rarity=0.75, shares={"low": 0.02, "middle": 0.3, "high": 0.68})),
        ("text", "multilabel", "full", TEMPERED, Decision(thresholds={"warm": 0.6}, abstain_below=0.5)),
        ("text", "binary", "head", ISOTONIC, Decision(thresholds={"bad": 0.3})),
        ("table", "ordinal", "fit", TEMPERED, Decision()),
        ("table", "binary", "head", RAW, Decision()),
        ("mixed", "regression", "fit", RAW, Decision()),
    ],
)
def test_answers_as_its_parent_inside_and_outside(
    world: World, kind: Kind, answer: Answer, method: Method, calibration: Calibration, decision: Decision
) -> None:
    solution = make_solution(kind, answer)
    source, examples = learned_model(world, kind, answer, method)
    changes = {"calibration": calibration, "decision": decision}
    folder = export(world, source, solution, **changes)
    parent = world.pool.load(load_artifact(source, head=solution.head))
    parent = replace(parent, spec=parent.spec.model_copy(update=changes))
    model = EncoderPool(device="cpu").load(load_artifact(folder, head=solution.head))
    unit = parent.spec.head.scale if answer == "regression" else 1.0
    scores = model.score_examples(examples)
    np.testing.assert_allclose(scores, parent.score_examples(examples), atol=1e-4 * unit)
    alone = np.concatenate([model.score_examples([example]) for example in examples[:5]])
    np.testing.assert_allclose(scores[:5], alone, atol=1e-5 * unit)
    decoded, expected = (m.decode(torch.from_numpy(scores[:1]), m.prepare(examples[:1]))[0] for m in (model, parent))
    assert decoded == expected
    assert_the_readme_is_right(folder, model, kind)


def assert_the_readme_is_right(folder: Path, model: Model, kind: Kind) -> None:
    program = (folder / README_FILE).read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    (folder / "use.py").write_text(program, "utf-8")
    found = runpy.run_path(str(folder / "use.py"))
    given = {}
    if kind != "table":
        given["text"] = ["A text.", "Another, longer text."]
    if kind != "text":
        given["columns"] = found["rows"]
    count = len(next(iter(given.values())))
    rows = [{name: values[i] for name, values in given.items()} for i in range(count)]
    examples = [make_solution(kind, "binary").example.model_validate(row) for row in rows]
    scores = model.score_examples(examples)
    np.testing.assert_allclose(found["scores"], scores, atol=1e-5)
    decoded = model.decode(torch.from_numpy(scores), model.prepare(examples))
    if model.spec.head.task == "regression":
        assert found["answers"] == pytest.approx([answer["value"] for answer in decoded], rel=1e-5)
    else:
        assert found["answers"] == [answer.get("label", answer.get("labels")) for answer in decoded]
    if model.spec.decision.abstain_below is not None:
        assert [not sure for sure in found["sure"]] == [answer.get("abstained", False) for answer in decoded]


def test_attention_over_columns_and_waves_of_numbers(world: World) -> None:
    table = make_solution("mixed", "ordinal").recipes["head"].table.model_copy(update={"numbers": "periodic"})
    solution = make_solution("mixed", "ordinal")
    source, examples = learned_model(world, "mixed", "ordinal", "head", fusion="attend", table=table)
    folder = export(world, source, solution)
    scores = [
        world.pool.load(load_artifact(place, head=solution.head)).score_examples(examples) for place in (source, folder)
    ]
    np.testing.assert_allclose(*scores, atol=1e-5)


@pytest.mark.parametrize("half", ["numbers", "categories"])
def test_a_table_of_one_kind_of_column(world: World, half: str) -> None:
    kept = {"numbers": ("heat", "load"), "categories": ("grade", "site")}[half]

    def edit(row: LabeledExample) -> LabeledExample:
        columns = {name: row.example.columns[name] for name in kept}  # type: ignore[attr-defined]
        return replace(row, example=TableOnly(columns=columns))

    solution = make_solution("table", "binary")
    material = world.material("table", "binary", "fit", rows=200, epochs=2, edit=edit)
    world.save_and_load(world.learn(material, half), material, half)
    source = world.folder / "models" / half
    folder = export(world, source, solution)
    models = [world.pool.load(load_artifact(place, head=solution.head)) for place in (source, folder)]
    examples = [row.example for row in material.splits["test"]]
    np.testing.assert_allclose(*(model.score_examples(examples) for model in models), atol=1e-5)


def own_head(world: World, head: type[ClassificationHead], name: str) -> tuple[Path, Solution, list[Example]]:
    solution = replace(make_solution("text", "multiclass"), head=f"{head.__module__}:{head.__qualname__}")
    material = world.material("text", "multiclass", "lora", rows=100, epochs=1)
    record = material.model.head.model_copy(update={"object": solution.head})
    material = replace(material, solution=solution, model=material.model.model_copy(update={"head": record}))
    world.save_and_load(world.learn(material, name), material, name)
    return world.folder / "models" / name, solution, [row.example for row in material.splits["test"]]


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """This module under the name that its classes give."""
    monkeypatch.setitem(sys.modules, TokenHead.__module__, SimpleNamespace(**globals()))  # type: ignore[arg-type]


@pytest.mark.usefixtures("importable")
def test_a_head_that_reads_tokens(world: World) -> None:
    source, solution, examples = own_head(world, TokenHead, "tokens")
    folder = export(world, source, solution)
    models = [world.pool.load(load_artifact(place, head=solution.head)) for place in (source, folder)]
    np.testing.assert_allclose(*(model.score_examples(examples) for model in models), atol=1e-5)


@pytest.mark.usefixtures("importable")
def test_a_head_that_no_graph_can_hold_is_named(world: World) -> None:
    source, solution, _ = own_head(world, DecidingHead, "deciding")
    with pytest.raises(UsageError, match="DecidingHead' cannot be exported") as caught:
        export(world, source, solution)
    assert "torch operations" in (caught.value.hint or "")


def test_packages_that_do_not_go_together_are_not_blamed_on_the_head(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise AttributeError("module 'onnx_ir' has no attribute 'schemas'")

    solution = make_solution("table", "multiclass")
    source, _ = learned_model(world, "table", "multiclass", "head")
    monkeypatch.setattr(torch.onnx, "export", broken)
    with pytest.raises(UsageError, match=r"the installed packages cannot export: module 'onnx_ir'") as caught:
        export(world, source, solution)
    assert "pip install" in (caught.value.hint or "")


def test_several_fields_of_text_are_named() -> None:
    class Letter(Example):
        subject: Annotated[str, Text()]
        body: Annotated[str, Text()]

    spec = ModelSpec(
        solution="s",
        method="lora",
        encoder=EncoderRecord(reference="e", fingerprint="f", width=8),
        head=HeadRecord(object="a:B", labels=("no", "yes"), feature_widths={}),
        export=ExportRecord(precision="int8", opset=20, parent="mail:3", parent_digest="0"),
    )
    solution = replace(make_solution("text", "binary"), example=Letter)
    text = readme(spec, solution)
    assert "model alone" not in text
    ruled = readme(spec, replace(solution, review=lambda example, labels: Review()))
    assert "Without Verticore, the solution's rules raise no answer" in ruled
    assert "# each: subject, body, one a line" in text
    assert "`mail:3`" in text
    assert "int8" in text


def test_nothing_of_the_machine_is_in_a_graph(world: World) -> None:
    solution = make_solution("table", "multiclass")
    source, _ = learned_model(world, "table", "multiclass", "head")
    folder = export(world, source, solution)
    assert str(Path.cwd()).encode() not in (folder / "model.onnx").read_bytes()
    assert {file.name for file in folder.iterdir()} == {"model.json", "model.onnx", README_FILE}
    assert list(onnx_ir.load(folder / "model.onnx").opset_imports) == ["", "ai.onnx.ml"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, small_csv: Path) -> Iterator[Platform]:
    """A workspace with the model ``small``, and its export in eight bits as ``small@fast``."""
    settings = Settings(home=tmp_path_factory.mktemp("shop"))
    with Platform.open(settings=settings) as platform:
        quick = {"epochs": 1, "lora_rank": 2, "lora_targets": ("query", "value"), "learning_rate": 0.01}
        platform.train("finance.sentiment", small_csv, name="small", method="lora", settings=quick)
        code = run(["export", "small:1", "--int8", "--promote", "fast", "--json", "--home", str(settings.home)])
        assert code == 0
        yield platform


REQUESTS = [{"text": "Profit rose."}, {"text": "Sales fell in the third quarter, said the firm on Monday in Helsinki."}]


def test_eight_bits_beside_the_parent(shop: Platform) -> None:
    parent, made = shop.registry.resolve("small:1"), shop.registry.resolve("small@fast")
    assert (made.number, made.parent_id, made.method, made.run_id) == (2, parent.id, "lora", None)
    assert made.lineage["export"]["precision"] == "int8"
    assert made.lineage["dataset"] == parent.lineage["dataset"]
    encoder = shop.encoders.locate("minilm").folder / "model.safetensors"
    assert made.size_bytes < 0.3 * (encoder.stat().st_size + parent.size_bytes)
    card = json.loads((shop.registry.folder(made) / "card.json").read_text("utf-8"))
    assert card["export"]["parent"] == "small:1"
    assert set(card["export"]["parent_metrics"]) <= set(card["metrics"])
    assert [row["name"] for row in card["export"]["speeds"]][:2] == ["ONNX int8", "small:1 fp32"]
    assert (card["run"], card["evaluated_on"]) == (None, "test")
    shop.registry.verify("small:2")


def test_serves_explains_and_is_measured_as_any_version(shop: Platform, small_csv: Path) -> None:
    offline = shop.predict("small@fast", REQUESTS, explain=True)
    served = asyncio.run(shop.engine.predict("small@fast", REQUESTS))["predictions"]
    parent = shop.predict("small:1", REQUESTS)
    assert [p["explanation"]["method"] for p in offline] == ["occlusion"] * 2
    for one, other, exact in zip(offline, served, parent, strict=True):
        assert one["scores"] == pytest.approx(other["scores"], abs=1e-5)
        assert one["scores"] == pytest.approx(exact["scores"], abs=0.1)
    assert shop.evaluate("small@fast", small_csv).n == 100
    assert shop.compare("small:1", "small@fast", small_csv).n == 100


def test_needs_nothing_of_the_encoder(shop: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(self: EncoderPool, reference: str) -> None:
        raise AssertionError("the encoder was looked for")

    monkeypatch.setattr(EncoderPool, "locate", absent)
    with Platform.open(settings=shop.settings) as another:
        assert another.predict("small:2", REQUESTS)[0]["label"]


def test_what_makes_no_sense_is_refused(shop: Platform, small_csv: Path) -> None:
    with pytest.raises(UsageError, match="an export already") as caught:
        shop.export("small:2")
    assert "small:1" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="no weights to go on from") as caught:
        shop.train("finance.sentiment", "finance.sentiment:1", name="other", method="lora", parent="small:2")
    assert "small:1" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="no format 'tflite'"):
        shop.export("small:1", format="tflite")
    assert len(shop.registry.versions("small")) == 2


def test_a_graph_that_answers_differently_is_not_registered(shop: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(whole: Any, spec: Any) -> Any:
        with torch.no_grad():
            whole.tail.head.output.bias += torch.tensor([0.5, 0.0, 0.0])
        return trace(whole, spec)

    monkeypatch.setattr(service, "trace", spoiled)
    with pytest.raises(IntegrityError, match="does not compute what small:1 does"):
        shop.export("small:1")
    assert len(shop.registry.versions("small")) == 2

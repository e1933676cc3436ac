"""Exports beside their parent, in one run: size, speed, how many answers stay the same, and whether an answer depends
on what else is asked. One more contender is ONNX Runtime's own dynamic quantisation of the same graph.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import onnx
import pytest
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from report import write_section

from platform_core.finetune.export.speed import answerer, measure_speed
from platform_core.finetune.parity import compare_answers
from platform_core.modeling.artifact import GRAPH_FILE, load_artifact
from platform_core.modeling.model import Model, forward_rows
from platform_core.modeling.rows import Row
from platform_core.platform import Platform
from platform_core.sdk import Example

SECONDS = 60.0
ROWS = 400
HEAD = "platform_core.sdk.heads:ClassificationHead"


@pytest.fixture
def shop(tmp_path: Path) -> Platform:
    """A workspace with a LoRA fine-tune of the finance plugin's sample and its two exports."""
    platform = Platform.open(tmp_path / "home")
    platform.plugins.solution("finance.sentiment").sample.write(tmp_path)
    platform.train("finance.sentiment", tmp_path, name="m", settings={"epochs": 1}, split="60/10/30")
    for int8 in (False, True):
        platform.export("m:1", int8=int8)
    return platform


def by_the_runtime(shop: Platform, folder: Path) -> Model:
    """Return the export in fp32 as ONNX Runtime quantises it: one scale for all activations of a batch."""
    source = shop.registry.folder(shop.registry.resolve("m:2"))
    shutil.copytree(source, folder)
    graph = onnx.load(folder / GRAPH_FILE)
    del graph.graph.value_info[:]
    quantize_dynamic(graph, folder / GRAPH_FILE, weight_type=QuantType.QInt8, per_channel=True)
    return shop.encoders.load(load_artifact(folder, head=HEAD))


def typical_examples(shop: Platform) -> list[Example]:
    """Return texts of one to four sentences, as lengths vary in real data."""
    drawn = random.Random(0)
    rows = shop.datasets.load(shop.datasets.resolve("finance.sentiment:1"))
    texts = [row.example.text for row in rows]  # type: ignore[attr-defined]
    example_type = type(rows[0].example)
    return [
        example_type.model_validate({"text": " ".join(drawn.sample(texts, drawn.choice((1, 1, 2, 2, 3, 4))))})
        for _ in range(ROWS)
    ]


def largest_influence(model: Model, rows: list[Row]) -> float:
    """Return by how much an answer changes between being asked alone and among others."""
    together = torch.stack(forward_rows([(model, row) for row in rows]))
    alone = torch.cat([torch.stack(forward_rows([(model, row)])) for row in rows])
    return float((together - alone).abs().max())


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_speed_of_exports(shop: Platform, tmp_path: Path) -> None:
    with shop:
        versions = {name: shop.registry.resolve(f"m:{number}") for name, number in (("ONNX fp32", 2), ("ONNX int8", 3))}
        source = load_artifact(shop.registry.folder(shop.registry.resolve("m:1")), head=HEAD)
        parent = shop.encoders.load(source, precision="fp32")
        models = {name: shop.models.get(version) for name, version in versions.items()}
        models["int8 by ONNX Runtime"] = by_the_runtime(shop, tmp_path / "runtime")
        examples = typical_examples(shop)
        rows = parent.prepare(examples)
        contenders = {"parent fp32": answerer(parent)}
        if half := shop.encoders.half():
            contenders[f"parent {half}"] = answerer(shop.encoders.load(source, precision=half))
        speeds = measure_speed(
            contenders | {name: answerer(model) for name, model in models.items()}, rows, seconds=SECONDS
        )
        whole = shop.encoders.locate("minilm").folder / "model.safetensors"
        sizes = {"parent fp32": whole.stat().st_size + shop.registry.resolve("m:1").size_bytes}
        sizes |= {name: version.size_bytes for name, version in versions.items()}
        expected = parent.score_examples(examples)
        table = []
        for name, speed in speeds.items():
            model = models.get(name)
            parity = compare_answers(parent.spec, expected, model.score_examples(examples)) if model else None
            table.append(
                (
                    name,
                    f"{sizes[name] / 1e6:.1f} MB" if name in sizes else "–",
                    f"{speed.latency_ms:.1f} ms",
                    f"{speed.per_second:.0f}",
                    f"{speed.per_second / speeds['ONNX fp32'].per_second:.2f}×",
                    f"{parity.same_answers:.1%}" if parity else "–",
                    f"{parity.largest_difference:.1g}" if parity else "–",
                    f"{largest_influence(model, rows[:64]):.1g}" if model else "–",
                )
            )
    write_section(
        "Exports",
        f"A LoRA fine-tune of MiniLM and its exports on texts of one to four sentences, {torch.get_num_threads()} "
        "threads; medians of alternating rounds. Same answers and greatest difference of a probability are those to "
        f"the parent in fp32 on {ROWS} texts; influence is by how much a probability changes between a text that is "
        "asked alone and one among 64. Floors for int8: 1.8× the throughput of fp32, as fast as the parent in 16 bits, "
        "at most .3× its size.",
        ("form", "size", "one text", "texts/s", "fp32 export", "same answers", "difference", "influence"),
        table,
    )

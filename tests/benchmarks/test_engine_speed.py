"""What the engine adds to bare PyTorch on tables, and what cached features save: each in one run, alternating."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from report import write_section
from torch.nn import functional as F
from worlds import TableOnly

from platform_core.finetune.loop.checkpoint import Checkpoints
from platform_core.finetune.loop.loop import Loop, TrainingSet
from platform_core.finetune.networks import FeatureInputs, Network
from platform_core.modeling.mixture import Mixture, Tail
from platform_core.modeling.table_schema import TableSchema
from platform_core.platform import Platform
from platform_core.sdk import Recipe, Silent, TableSettings
from platform_core.sdk.heads import BinaryHead, HeadSpec

ROWS, COLUMNS, EPOCHS, ROUNDS = 20_000, 30, 3, 15
RECIPE = Recipe(epochs=EPOCHS, batch_size=256, learning_rate=1e-3)


def table() -> tuple[TableSchema, dict[str, torch.Tensor], torch.Tensor]:
    """Return a schema, its arrays and binary targets."""
    drawn = np.random.default_rng(0).normal(size=(ROWS, COLUMNS))
    examples = [TableOnly(columns={f"v{i}": float(x) for i, x in enumerate(row)}) for row in drawn[:2000]]
    schema = TableSchema.fit(examples, TableSettings())
    assert schema is not None
    arrays = {
        "numbers": torch.from_numpy(drawn),
        "categories": torch.zeros(ROWS, 0, dtype=torch.int64),
    }
    return schema, arrays, torch.from_numpy((drawn[:, 0] > 1).astype(np.int64))


def tail_of(schema: TableSchema) -> Tail:
    torch.manual_seed(0)
    mixture = Mixture(0, schema, TableSettings(), "concat")
    return Tail(mixture, BinaryHead(HeadSpec(feature_widths=mixture.widths, labels=("no", "yes"))))


def with_the_loop() -> float:
    """Return the seconds of all steps in Verticore's loop."""
    schema, arrays, targets = table()
    loop = Loop(
        Network(tail_of(schema)),
        TrainingSet(FeatureInputs(arrays), targets),
        None,
        RECIPE,
        seed=0,
        device=torch.device("cpu"),
        precision="fp32",
        checkpoints=Checkpoints(Path(tempfile.mkdtemp())),
        progress=Silent(),
        on_epoch=lambda history: None,
        stop_requested=lambda: False,
    )
    return loop.run().train_seconds


def by_hand() -> float:
    """Return the seconds of the same steps in a bare loop."""
    schema, arrays, targets = table()
    tail = tail_of(schema)
    parameters = [p for p in tail.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RECIPE.learning_rate, fused=True)
    labels = targets.float()
    started = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in torch.randperm(ROWS).split(RECIPE.batch_size):
            inputs = {name: tensor[batch] for name, tensor in arrays.items()}
            F.binary_cross_entropy_with_logits(tail(inputs).squeeze(-1), labels[batch]).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            optimizer.zero_grad()
    return time.perf_counter() - started


def with_accelerate() -> float:
    """Return the seconds of the same steps, driven by accelerate as its documentation shows."""
    from accelerate import Accelerator

    schema, arrays, targets = table()
    tail = tail_of(schema)
    accelerator = Accelerator(cpu=True)
    tail, optimizer = accelerator.prepare(tail, torch.optim.AdamW(tail.parameters(), RECIPE.learning_rate, fused=True))
    labels = targets.float()
    started = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in torch.randperm(ROWS).split(RECIPE.batch_size):
            inputs = {name: tensor[batch] for name, tensor in arrays.items()}
            accelerator.backward(F.binary_cross_entropy_with_logits(tail(inputs).squeeze(-1), labels[batch]))
            accelerator.clip_grad_norm_(tail.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
    return time.perf_counter() - started


CONTENDERS = {"Verticore": with_the_loop, "by hand, fp32": by_hand, "accelerate": with_accelerate}


def peak_memory(contender: str) -> int:
    """Return the greatest resident memory of a process of its own, in bytes."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
    code = (
        f"import sys, resource; sys.path[:0] = {folders!r}; import test_engine_speed; test_engine_speed.{contender}(); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) * 1024


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
def test_overhead_on_tables() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name, run in CONTENDERS.items():
            seconds[name].append(run())
    memory = {name: peak_memory(run.__name__) for name, run in CONTENDERS.items()}
    steps = EPOCHS * -(-ROWS // RECIPE.batch_size)
    pairs = zip(seconds["Verticore"], seconds["by hand, fp32"], strict=True)
    overhead = statistics.median(ours / bare for ours, bare in pairs) - 1
    write_section(
        "Overhead on tables",
        f"{EPOCHS} epochs of {ROWS:,} rows with {COLUMNS} numbers in batches of {RECIPE.batch_size}, the same network, "
        f"{torch.get_num_threads()} threads; medians of {ROUNDS} alternating rounds, memory of processes of their own. "
        f"The median of the rounds' differences between Verticore and the bare loop is {overhead:+.1%}. "
        "Ceiling: 10 %, memory 1.1×.",
        ("loop", "step", "peak memory"),
        [
            (name, f"{1000 * statistics.median(values) / steps:.2f} ms", f"{memory[name] / 2**20:.0f} MiB")
            for name, values in seconds.items()
        ],
    )


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
def test_cached_features_and_search(tmp_path: Path) -> None:
    """Epochs of ``head`` after the first, and 5 folds × 20 trials on 3,000 cached sentences."""
    with Platform.open(tmp_path / "home") as platform:
        platform.plugins.solution("finance.sentiment").sample.write(tmp_path)
        read = platform.datasets.read("finance.sentiment", tmp_path, labelled=True)
    rng = random.Random(0)
    rows = [(e.example.text, e.target) for e in read.examples]  # type: ignore[attr-defined]
    data = tmp_path / "data.csv"
    lines = [f'"{rng.choice(rows)[0]} {text} {i}",{label}' for i in range(4) for text, label in rows][:3000]
    data.write_text("\n".join(["text,label", *lines]) + "\n", "utf-8")
    with Platform.open(tmp_path / "home") as platform:
        first = platform.train("finance.sentiment", data, method="head", settings={"patience": 100})
        searched = platform.tune("finance.sentiment", first.dataset, method="head", trials=20, cv=5).search.seconds
    later = first.train_seconds / first.epochs
    write_section(
        "Cached features",
        "Method `head` on 3,000 sentences: the first epoch computes the features, later ones read them. Then a search "
        "of 20 trials over 5 folds on the cached features, the final run not counted. Ceilings: 3 %, 60 s.",
        ("what", "time"),
        [
            ("start to end of the first epoch", f"{first.first_epoch_seconds:.1f} s"),
            ("a later epoch", f"{1000 * later:.0f} ms ({later / first.first_epoch_seconds:.2%} of the first)"),
            ("20 trials × 5 folds", f"{searched:.1f} s"),
        ],
    )

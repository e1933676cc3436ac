"""Fine-tuning speed, side by side in one run: Verticore's loop, transformers' Trainer with its defaults, and the best
loop that we can write by hand. Same encoder, data, epochs, batch size and loss, without evaluation and checkpoints.

``make bench`` runs it and writes the table into ``docs/reference/benchmarks.md``.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from report import write_section
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from platform_core.finetune.loop.checkpoint import Checkpoints
from platform_core.finetune.loop.loop import Loop, TrainingSet
from platform_core.finetune.networks import EncoderNetwork, TokenInputs
from platform_core.modeling.batching import training_batches
from platform_core.modeling.delta import halve_frozen_layers, inject_trainable_delta
from platform_core.modeling.hardware import choose_device, choose_precision
from platform_core.modeling.mixture import Mixture, Tail
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.text_encoder import TextEncoder, encode
from platform_core.platform import Platform
from platform_core.sdk import Recipe, Silent, TableSettings
from platform_core.sdk.heads import ClassificationHead, HeadSpec

LABELS = ("negative", "neutral", "positive")
RECIPE = Recipe(epochs=1, batch_size=32, learning_rate=1e-4)
RATE = RECIPE.learning_rate
DEVICE = choose_device()
ROWS, ROUNDS = (320, 3) if DEVICE.type == "cpu" else (20_000, 5)
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40": 181e12, "L4": 121e12, "A10": 125e12, "T4": 65e12}
"""Dense 16-bit operations a second, from the makers' data sheets."""

PEAK = 0.0
if DEVICE.type == "cuda":
    PEAK = next((peak for name, peak in PEAKS.items() if name in torch.cuda.get_device_name()), 0.0)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[int]]:
    """Texts of one to four sentences of the finance plugin's sample, as lengths vary in real data; class indices."""
    folder = tmp_path_factory.mktemp("sample")
    with Platform.open(folder / "home") as platform:
        platform.plugins.solution("finance.sentiment").sample.write(folder)
        read = platform.datasets.read("finance.sentiment", folder, labelled=True)
    sentences = [e.example.text for e in read.examples]  # type: ignore[attr-defined]
    drawn = random.Random(0)
    texts = [" ".join(drawn.sample(sentences, drawn.choice((1, 1, 2, 2, 3, 4)))) for _ in range(ROWS)]
    return texts, [drawn.randrange(len(LABELS)) for _ in texts]


def fresh_encoder(method: str) -> TextEncoder:
    encoder = EncoderPool().fresh("minilm")
    if method == "lora":
        inject_trainable_delta(
            encoder.module, encoder.layers_for(RECIPE.lora_targets), RECIPE.lora_rank, RECIPE.lora_alpha
        )
        halve_frozen_layers(encoder.module, torch.bfloat16)
    return encoder


def train_verticore(method: str, texts: list[str], targets: list[int]) -> Callable[[], float]:
    encoder = fresh_encoder(method)
    encoder.prepare_training(DEVICE, RECIPE.max_tokens)
    head = ClassificationHead(HeadSpec(feature_widths={"pooled": encoder.width}, labels=LABELS, dropout=0.1))
    loop = Loop(
        EncoderNetwork(encoder.module, Tail(Mixture(encoder.width, None, TableSettings(), "concat"), head)),
        TrainingSet(TokenInputs(encoder, encoder.tokenize(texts, RECIPE.max_tokens)), torch.tensor(targets)),
        None,
        RECIPE,
        seed=0,
        device=DEVICE,
        precision=choose_precision("auto", DEVICE),
        checkpoints=Checkpoints(Path(tempfile.mkdtemp())),
        progress=Silent(),
        on_epoch=lambda history: None,
        stop_requested=lambda: False,
    )
    return lambda: loop.run().train_seconds


def train_trainer(method: str, texts: list[str], targets: list[int]) -> Callable[[], float]:
    from transformers import AutoModelForSequenceClassification, DataCollatorWithPadding, Trainer, TrainingArguments

    encoder = fresh_encoder("full")
    model = AutoModelForSequenceClassification.from_pretrained(encoder.files.folder, num_labels=len(LABELS))
    if method == "lora":
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=RECIPE.lora_rank,
            lora_alpha=RECIPE.lora_alpha,
            target_modules=["query", "key", "value", "dense"],
            modules_to_save=["classifier"],
        )
        model = get_peft_model(model, config)
    ids = encoder.tokenize(texts, RECIPE.max_tokens)
    data = [{"input_ids": i, "attention_mask": [1] * len(i), "labels": t} for i, t in zip(ids, targets, strict=True)]
    arguments = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=RECIPE.batch_size,
        num_train_epochs=RECIPE.epochs,
        learning_rate=RATE,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    collator = DataCollatorWithPadding(encoder.tokenizer)
    return timed(Trainer(model=model, args=arguments, train_dataset=data, data_collator=collator).train)


def train_by_hand(method: str, texts: list[str], targets: list[int]) -> Callable[[], float]:
    """A bare bf16 loop on bucketed batches: nothing but the steps."""
    encoder = fresh_encoder(method)
    encoder.prepare_training(DEVICE, RECIPE.max_tokens)
    module = encoder.module.to(DEVICE)
    output = torch.nn.Linear(encoder.width, len(LABELS)).to(DEVICE)
    parameters = [*(p for p in module.parameters() if p.requires_grad), *output.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, fused=True)
    ids = encoder.tokenize(texts, RECIPE.max_tokens)
    batches = training_batches(np.array([len(i) for i in ids]), RECIPE.batch_size, 0, 0)
    answers = torch.tensor(targets)

    def run() -> None:
        module.eval()  # without the encoder's dropout, as Verticore trains
        for batch in batches:
            inputs = {k: v.to(DEVICE) for k, v in encoder.collate([ids[i] for i in batch]).items()}
            with torch.autocast(DEVICE.type, torch.bfloat16):
                hidden = module(**inputs).last_hidden_state
                mask = inputs["attention_mask"].unsqueeze(-1)
                logits = output(F.dropout((hidden * mask).sum(1) / mask.sum(1), 0.1))
            F.cross_entropy(logits.float(), answers[batch].to(DEVICE)).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            optimizer.zero_grad()

    return timed(run)


def timed(run: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.perf_counter()
        run()
        return time.perf_counter() - started

    return measure


def arithmetic(method: str, texts: list[str]) -> float:
    """Return the floating-point operations of an epoch's forward and backward passes, without padding."""
    encoder = fresh_encoder(method)
    ids = encoder.tokenize(texts, RECIPE.max_tokens)
    total = 0
    for sequence in ids[:16]:
        with FlopCounterMode(display=False) as counter, torch.autocast("cpu", torch.bfloat16):
            encode(encoder.module, encoder.collate([sequence]))["text"].float().sum().backward()
        total += counter.get_total_flops()
    return total / sum(len(i) for i in ids[:16]) * sum(len(i) for i in ids)


CONTENDERS = {"Verticore": train_verticore, "Trainer, defaults": train_trainer, "by hand, bf16": train_by_hand}


@pytest.mark.benchmark
@pytest.mark.timeout(3000)
@pytest.mark.filterwarnings("ignore")
def test_fine_tuning_speed(rows):
    texts, targets = rows
    table = []
    for method in ("lora", "full"):
        seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for _ in range(ROUNDS):
            for name, prepare in CONTENDERS.items():
                seconds[name].append(prepare(method, texts, targets)())
        work = arithmetic(method, texts)
        for name, values in seconds.items():
            median = statistics.median(values)
            ratio = statistics.median(b / a for a, b in zip(seconds["Verticore"], values, strict=True))
            used = f"{work / median / PEAK:.1%}" if PEAK else "–"
            table.append((method, name, f"{median:.1f} s", f"{ROWS / median:.0f}", f"{ratio:.2f}×", used))
    write_section(
        "Fine-tuning speed",
        f"One epoch of {ROWS} texts of one to four sentences, batch size {RECIPE.batch_size}, MiniLM, "
        f"{torch.get_num_threads()} threads; medians of {ROUNDS} alternating rounds. The last column is the median of "
        "the rounds' ratios: how many times Verticore's time the other needs. Floor: 2.5× for the Trainer, aim 3.5×; "
        "at least .95× for the loop by hand. MFU: part of the GPU's 16-bit peak that the steps' arithmetic makes up.",
        ("method", "loop", "time", "texts/s", "time / Verticore's", "MFU"),
        table,
    )

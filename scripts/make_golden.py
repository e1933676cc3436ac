"""Write the golden workspace of this release into ``tests/golden/<version>``: small, whole, kept for ever.

Usage: python scripts/make_golden.py

Later releases must open it and give identical outputs (``tests/integration/test_golden.py``). Run it once per release
whose formats changed, into a folder of its own; never write an older release's folder again.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from platform_core import Platform, __version__
from platform_core.sdk import Silent

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "golden" / __version__
TEXTS = ["profit rose", "net loss widened", "the company will publish its report", "sales fell less than expected"]
ROWS = [
    ("negative", "{0} fell and the loss widened in {1}"),
    ("positive", "{0} rose and the profit improved in {1}"),
    ("neutral", "the company will publish its report on {0} in {1}"),
]
NOUNS = ["profit", "sales", "net", "operating", "quarterly", "orders", "income", "margin"]
MONTHS = ["january", "april", "july", "october", "december"]


def main() -> None:
    """Make the encoder, the data, one model per method, and what they answer."""
    if FOLDER.exists():
        raise SystemExit(f"{FOLDER} exists: golden files are written once")
    FOLDER.mkdir(parents=True)
    os.chdir(FOLDER)
    write_encoder(Path("encoder"))
    lines = [f"{t.format(n, m)},{label}" for label, t in ROWS for n in NOUNS for m in MONTHS]
    Path("data.csv").write_text("\n".join(["text,label", *lines]) + "\n", "utf-8")
    expected = {}
    with Platform.open("workspace") as platform:
        for method in ("head", "lora", "full"):
            name = f"golden-{method}"
            settings = {"epochs": 2, "lora_rank": 2, "learning_rate": 0.02}
            platform.train(
                "finance.sentiment", "data.csv", name=name, method=method, encoder="encoder", settings=settings,
                promote="champion", progress=Silent(),
            )  # fmt: skip
            expected[name] = platform.predict(name, [{"text": text} for text in TEXTS])
        platform.train("finance.sentiment", "data.csv", name="golden-minilm", method="head", settings={"epochs": 2})
        expected["golden-minilm"] = platform.predict("golden-minilm", [{"text": text} for text in TEXTS])
    for leftover in ("cache", "runs", "logs"):
        shutil.rmtree(Path("workspace") / leftover, ignore_errors=True)
    document = {"texts": TEXTS, "predictions": expected}
    Path("expected.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def write_encoder(folder: Path) -> None:
    """Write a transformers encoder of 20,000 weights with a vocabulary of the words above."""
    words = sorted({w for t in [*TEXTS, *(r[1] for r in ROWS), *NOUNS, *MONTHS] for w in t.split() if "{" not in w})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(vocabulary)})
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()

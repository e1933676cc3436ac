"""Many LoRA adapters on one encoder, as peft serves them: a batch in which each text has its own (`adapter_names=`).

Prints JSON: requests a second with one adapter and with all, bytes with the encoder alone and with all. The process is
alone with its batches: no server, no queue.
"""

import json
import os
import random
import sys
import time

import psutil
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, AutoTokenizer

BATCH = 32


def own_bytes() -> int:
    return psutil.Process().memory_full_info().uss


def main() -> None:
    """Read what is wanted as JSON: encoder, texts, adapters, rank, seconds."""
    wanted = json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(wanted["encoder"])
    encoder = AutoModel.from_pretrained(wanted["encoder"]).eval()
    texts = wanted["texts"]
    config = LoraConfig(
        r=wanted["rank"],
        target_modules=["query", "key", "value", "dense"],
        exclude_modules=".*pooler.*",
        init_lora_weights=False,
    )
    names = [f"adapter-{number}" for number in range(wanted["adapters"])]
    drawn = random.Random(0)

    @torch.inference_mode()
    def answer(adapters: list[str]) -> None:
        batch = tokenizer(drawn.choices(texts, k=BATCH), padding=True, truncation=True, return_tensors="pt")
        asked = drawn.choices(adapters, k=BATCH)
        with torch.autocast("cpu", torch.bfloat16, enabled=os.environ["PRECISION"] == "bf16"):
            hidden = model(**batch, adapter_names=asked).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        pooled = (hidden.float() * mask).sum(1) / mask.sum(1)
        for name, vector in zip(asked, pooled, strict=True):
            heads[name](vector).softmax(-1).tolist()

    def speed(adapters: list[str]) -> float:
        answer(adapters)
        started, rows = time.perf_counter(), 0
        while time.perf_counter() - started < wanted["seconds"]:
            answer(adapters)
            rows += BATCH
        return rows / (time.perf_counter() - started)

    heads = {name: torch.nn.Linear(encoder.config.hidden_size, 2 + i % 6) for i, name in enumerate(names)}
    encoder(**tokenizer(texts[:BATCH], padding=True, return_tensors="pt"))
    alone = own_bytes()
    model = get_peft_model(encoder, config, adapter_name=names[0]).eval()
    one = speed(names[:1])
    for name in names[1:]:
        model.add_adapter(name, config)
    model.eval()
    several = speed(names)
    print(json.dumps({"one": one, "several": several, "encoder_bytes": alone, "bytes": own_bytes()}))


if __name__ == "__main__":
    main()

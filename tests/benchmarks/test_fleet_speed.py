"""Many models on one encoder: what they cost in speed and memory, beside adapters of peft and processes of their own.

``$VERTICORE_BENCH_MODELS`` says how many there are at most; ``$VERTICORE_BENCH_SECONDS`` and
``$VERTICORE_BENCH_ROUNDS`` how long each mix is measured, and how often.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
from fleet import PARENT, register_fleet, train_parent
from report import write_section
from servers import HERE, MAX_WAIT, ROUNDS, SECONDS, Server, ended_by_sigterm, sentences, verticore

from platform_core.modeling.hardware import Precision
from platform_core.platform import Platform
from platform_core.settings import load_settings

MODELS = int(os.environ.get("VERTICORE_BENCH_MODELS", "1000"))
SOME = min(100, MODELS)
CLIENTS, RANK = 64, 8
TEXTS = sentences(1000)
MIB = 2**20
Requests = list[tuple[str, dict[str, object]]]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Platform, Mapping[str, list[str]], Precision]]:
    """A workspace with many models, their references by method, and the precision that they are asked in."""
    with Platform.open(settings=load_settings(tmp_path / "home", max_wait_s=MAX_WAIT)) as platform:
        train_parent(platform, tmp_path)
        precision = platform.encoders.half() or "fp32"
        references = {
            method: register_fleet(platform, PARENT, method, MODELS, tmp_path / method, rank=rank, precision=precision)
            for method, rank in (("lora", RANK), ("head", None))
        }
        yield platform, references, precision


def mixes(references: Mapping[str, list[str]]) -> dict[tuple[str, int], Requests]:
    """Return requests of uniform traffic by method and number of models: paths below ``/api/v1`` and examples."""
    drawn = random.Random(0)
    found = {}
    for method, number in (("lora", 1), ("lora", SOME), ("lora", MODELS), ("head", 1), ("head", MODELS)):
        asked = drawn.choices(references[method][:number], k=4 * len(TEXTS))
        found[method, number] = [
            (reference, {"examples": [{"text": TEXTS[i % len(TEXTS)]}]}) for i, reference in enumerate(asked)
        ]
    return found


async def engine_rate(platform: Platform, requests: Requests, seconds: float) -> float:
    """Return answers a second of the engine, asked by clients in its own process."""
    until = time.perf_counter() + seconds
    done = 0

    async def client(place: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            reference, body = requests[place % len(requests)]
            place += CLIENTS
            await platform.engine.predict(reference, body["examples"])  # type: ignore[arg-type]
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(client(place) for place in range(CLIENTS)))
    return done / (time.perf_counter() - started)


async def engine_rates(
    platform: Platform, asked: Mapping[tuple[str, int], Requests]
) -> dict[tuple[str, int], list[float]]:
    """Return the answers a second of each mix in each round, all models loaded before."""
    for reference in dict.fromkeys(reference for requests in asked.values() for reference, _ in requests):
        await platform.engine.predict(reference, [{"text": TEXTS[0]}])
    found: dict[tuple[str, int], list[float]] = {mix: [] for mix in asked}
    for requests in asked.values():
        await engine_rate(platform, requests, min(0.5, SECONDS / 4))
    for _ in range(ROUNDS):
        for mix, requests in asked.items():
            found[mix].append(await engine_rate(platform, requests, SECONDS))
    return found


@dataclass(frozen=True)
class Memory:
    """Bytes of the server's process that it shares with no other, one measurement after another.

    Attributes:
        encoder: with one `head` model.
        some, all_of_lora: with so many `lora` models besides.
        after_traffic: the same, later.
        both: with as many `head` models besides.
        one_process: of plain FastAPI with one model, beside the server.
    """

    encoder: int
    some: int
    all_of_lora: int
    after_traffic: int
    both: int
    one_process: int


def through_http(
    platform: Platform,
    references: Mapping[str, list[str]],
    precision: Precision,
    asked: Mapping[tuple[str, int], Requests],
    folder: Path,
) -> tuple[Memory, dict[tuple[str, int], list[float]]]:
    """Return the memory of a server with the models, and its answers a second with one and with all `lora` models."""
    first = references["head"][0]
    request = (path_of(first), {"examples": [{"text": TEXTS[0]}]})
    server = verticore(platform.settings.home, folder / "server", request)

    def loaded(names: Sequence[str]) -> int:
        once: Requests = [
            (path_of(name), {"examples": [{"text": text}]}) for name, text in zip(names, cycle(TEXTS), strict=False)
        ]
        for path, body in once:
            server.ask(path, body)
        server.load(once, CLIENTS)  # pages that passes need are there before the first measurement, too
        return server.own_bytes

    try:
        encoder, some, all_of_lora = loaded([first]), loaded(references["lora"][:SOME]), loaded(references["lora"])
        rates: dict[tuple[str, int], list[float]] = {("lora", 1): [], ("lora", MODELS): []}
        for _ in range(ROUNDS):
            for mix, found in rates.items():
                requests = [(path_of(reference), body) for reference, body in asked[mix]]
                found.append(server.load(requests, CLIENTS).rate)
        after_traffic = server.own_bytes
        both = loaded(references["head"])
        one_process = bytes_of_one_process(platform, first, precision, folder / "one")
    finally:
        server.close()
    return Memory(encoder, some, all_of_lora, after_traffic, both, one_process), rates


def path_of(reference: str) -> str:
    return f"/api/v1/models/{reference}/predict"


def peft_adapters(platform: Platform, precision: Precision) -> dict[str, float]:
    """Return what ``peers/peft_adapters.py`` measures."""
    wanted = {
        "encoder": str(platform.encoders.locate("minilm").folder),
        "texts": TEXTS,
        "adapters": SOME,
        "rank": RANK,
        "seconds": SECONDS,
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "peers" / "peft_adapters.py")],
        input=json.dumps(wanted),
        env=os.environ | {"PRECISION": precision, "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, float] = json.loads(done.stdout)
    return found


def bytes_of_one_process(platform: Platform, reference: str, precision: Precision, folder: Path) -> int:
    """Return what plain FastAPI with one model takes, the libraries that it shares with others left out."""
    version = platform.registry.resolve(reference)
    labels = list(platform.models.get(version).spec.head.labels)
    classifier = {
        "encoder": str(platform.encoders.locate("minilm").folder),
        "head": str(platform.registry.folder(version) / "head.safetensors"),
        "labels": labels,
    }
    environment = {"CLASSIFIER": json.dumps(classifier), "PRECISION": precision}
    requests = [("/predict", {"text": text}) for text in TEXTS[:200]]
    command = [sys.executable, str(HERE / "peers" / "fastapi_server.py")]
    server = Server(command, environment, folder, requests[0])
    try:
        server.load(requests, 4)
        return server.own_bytes
    finally:
        server.close()


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def speed_rows(engine: Mapping[tuple[str, int], list[float]], http: Mapping[tuple[str, int], list[float]]) -> list:
    """Return a row for each mix: the median of answers a second, and of the rounds' ratios to one model."""
    rows = []
    for where, found in (("engine", engine), ("HTTP", http)):
        for (method, number), rates in found.items():
            ratio = median([many / one for many, one in zip(rates, found[method, 1], strict=True)])
            rows.append((where, method, f"{number:,}", f"{median(rates):.0f}", f"{ratio:.2f}×"))
    return rows


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_a_fleet(fleet, tmp_path: Path) -> None:
    platform, references, precision = fleet
    asked = mixes(references)
    with ended_by_sigterm():
        memory, http = through_http(platform, references, precision, asked, tmp_path)
    engine = asyncio.run(engine_rates(platform, asked))
    adapters = peft_adapters(platform, precision)
    deltas = [platform.models.get(platform.registry.resolve(name)).delta for name in references["lora"]]
    delta_bytes = [delta.nbytes for delta in deltas if delta is not None]
    write_section(
        "Speed of a fleet",
        f"Models on one MiniLM in {precision}, `lora` with deltas of rank {RANK} on all linear layers, 2 to 7 labels, "
        f"random weights; {CLIENTS} clients ask one text of 10 to 35 words at a time, each of a model drawn at random. "
        "Engine: the clients are in its process, without HTTP; HTTP: `verticore serve` and the clients, a process "
        f"each. All models are loaded before. Medians of {ROUNDS} alternating rounds of {SECONDS:g} s, and of the "
        "rounds' ratios to one model of the method. Floors: .8× for 100 `lora`, .75× for 1,000 `lora`, .85× for 1,000 "
        "`head`. Beside it, batches of 32 texts through peft's `adapter_names`, without server and queue: "
        f"{adapters['one']:.0f} texts/s with one adapter, {adapters['several']:.0f} with {SOME}. "
        "`tests/benchmarks/test_fleet_speed.py`.",
        ("through", "method", "models", "answers/s", "ratio to one"),
        speed_rows(engine, http),
    )

    def ceiling(number: int) -> str:
        return f"{(memory.encoder + 1.3 * sum(delta_bytes[:number]) + 300e6) / MIB:.0f} MiB"

    write_section(
        "Memory of a fleet",
        "Memory that the process shares with no other (USS), after each model was asked and after traffic. Ceiling: "
        f"the encoder alone, 1.3× the bytes of the deltas as they lie in memory ({precision}: "
        f"{delta_bytes[0] / MIB:.2f} MiB each) and 300 MB. Adapters: peft in one process, without server. One process "
        f"each: plain FastAPI with one model, measured once beside other such processes, times {SOME}. "
        "`tests/benchmarks/test_fleet_speed.py`.",
        ("what", "memory", "ceiling"),
        [
            ("Verticore: the encoder, one `head`", f"{memory.encoder / MIB:.0f} MiB", "–"),
            (f"and {SOME:,} `lora`", f"{memory.some / MIB:.0f} MiB", ceiling(SOME)),
            (f"and {MODELS:,} `lora`", f"{memory.all_of_lora / MIB:.0f} MiB", ceiling(MODELS)),
            ("the same, after traffic", f"{memory.after_traffic / MIB:.0f} MiB", ceiling(MODELS)),
            (f"and {MODELS:,} `head`", f"{memory.both / MIB:.0f} MiB", ceiling(MODELS)),
            ("peft: the encoder", f"{adapters['encoder_bytes'] / MIB:.0f} MiB", "–"),
            (f"peft: {SOME:,} adapters", f"{adapters['bytes'] / MIB:.0f} MiB", "–"),
            ("plain FastAPI: one process", f"{memory.one_process / MIB:.0f} MiB", "–"),
            (f"plain FastAPI: {SOME:,} processes, computed", f"{SOME * memory.one_process / MIB:,.0f} MiB", "–"),
        ],
    )

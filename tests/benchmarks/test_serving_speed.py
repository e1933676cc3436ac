"""One classifier behind Verticore, LitServe, BentoML and plain FastAPI, each a process of its own, and offline.

LitServe and BentoML live in an environment of their own, whose Python ``$VERTICORE_PEERS`` names::

    python -m venv peers
    peers/bin/pip install -c constraints.txt litserve bentoml torch transformers
    VERTICORE_PEERS=$PWD/peers/bin/python make bench

``$VERTICORE_BENCH_SECONDS`` and ``$VERTICORE_BENCH_ROUNDS`` say how long each is measured, and how often.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from fleet import PARENT, register_fleet, train_parent
from report import write_section
from servers import HERE, ROUNDS, SECONDS, Load, Server, ended_by_sigterm, sentences, verticore

from platform_core.modeling.artifact import HEAD_FILE
from platform_core.modeling.batching import inference_batches
from platform_core.modeling.hardware import Precision
from platform_core.modeling.model import Model, forward_rows
from platform_core.platform import Platform

CLIENTS = 32
TEXTS = sentences(800)
CORES = len(os.sched_getaffinity(0))
PEERS = os.environ.get("VERTICORE_PEERS")
SHARINGS = ((1, CORES), (CORES, 1))
"""Processes with the model, and the threads of each: all cores for one batch, or a batch for each core."""

LITSERVE_TIMEOUTS = (0.02, 0.005, 0.0)
Requests = Sequence[tuple[str, object]]


@dataclass
class Contender:
    """What is measured.

    Attributes:
        name, precision: as shown.
        server: where it runs.
        requests: what it is asked.
        against: the contender of Verticore that is compared with it.
    """

    name: str
    precision: Precision
    server: Server
    requests: Requests
    against: str


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Platform]:
    """A classifier of three classes: its head alone and with a delta of rank 8, in fp32 and 16 bits."""
    with Platform.open(tmp_path / "home") as platform:
        train_parent(platform, tmp_path)
        for precision in precisions(platform):
            for method, rank in (("head", None), ("lora", 8)):
                name = f"{method}-{precision}"
                files = tmp_path / "files" / name
                register_fleet(platform, PARENT, name, 1, files, rank=rank, precision=precision, same_head=True)
        yield platform


def precisions(platform: Platform) -> list[Precision]:
    half = platform.encoders.half()
    return ["fp32", half] if half else ["fp32"]


def as_peers_read_it(platform: Platform) -> str:
    """Return the classifier as ``peers/classifier.py`` reads it."""
    version = platform.registry.resolve("head-fp32-0")
    model = platform.models.get(version)
    return json.dumps(
        {
            "encoder": str(platform.encoders.locate("minilm").folder),
            "head": str(platform.registry.folder(version) / HEAD_FILE),
            "labels": list(model.spec.head.labels),
        }
    )


class Peers:
    """Starts the other servers.

    Args:
        classifier: as they read it.
        folder: for their logs.
        stack: ends them.
    """

    def __init__(self, classifier: str, folder: Path, stack: ExitStack) -> None:
        self._classifier = classifier
        self._folder = folder
        self._stack = stack
        self._number = 0

    def fastapi(self, precision: Precision, threads: int) -> Contender:
        command = [sys.executable, str(HERE / "peers" / "fastapi_server.py")]
        requests = [("/predict", {"text": text}) for text in TEXTS]
        return self._start(f"plain FastAPI, threads: {threads}", command, precision, threads, requests, {})

    def litserve(self, precision: Precision, workers: int, threads: int, timeout: float) -> Contender:
        assert PEERS
        command = [PEERS, str(HERE / "peers" / "litserve_server.py")]
        name = f"LitServe, {workers} × {threads} threads, timeout {1000 * timeout:.0f} ms"
        requests = [("/predict", {"text": text}) for text in TEXTS]
        own = {"WORKERS": str(workers), "BATCH_TIMEOUT": str(timeout)}
        return self._start(name, command, precision, threads, requests, own)

    def bentoml(self, precision: Precision, workers: int, threads: int) -> Contender:
        assert PEERS
        command = [PEERS, "-m", "bentoml", "serve", "bentoml_service:Sentiment", "--working-dir", str(HERE / "peers")]
        requests = [("/predict", {"texts": [text]}) for text in TEXTS]
        own = {
            "WORKERS": str(workers),
            "BENTOML_HOME": str(self._folder / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "true",
            "PYTHONPATH": str(HERE / "peers"),
        }
        name = f"BentoML, {workers} × {threads} threads"
        return self._start(
            name, [*command, "--host", "127.0.0.1", "--port", "{port}"], precision, threads, requests, own
        )

    def _start(
        self, name: str, command: list[str], precision: Precision, threads: int, requests: Requests, own: dict[str, str]
    ) -> Contender:
        self._number += 1
        shared = {"CLASSIFIER": self._classifier, "PRECISION": precision, "OMP_NUM_THREADS": str(threads)}
        folder = self._folder / f"peer-{self._number}"
        server = Server(command, shared | own, folder, (requests[0][0], requests[0][1]))
        server.pause()
        self._stack.callback(server.close)
        return Contender(name, precision, server, requests, f"Verticore, lora {precision}")


def measured(contender: Contender, clients: int, seconds: float) -> Load:
    """Return what one does while all others stand still."""
    contender.server.resume()
    try:
        return contender.server.load(contender.requests, clients, seconds)
    finally:
        contender.server.pause()


def best_of(contenders: Iterator[Contender]) -> tuple[Contender, int]:
    """Return the contender with the most answers a second, and its number; the others are ended.

    Args:
        contenders: each is started when it is its turn.
    """
    rated: list[tuple[float, Contender]] = []
    for contender in contenders:
        rated.append((measured(contender, CLIENTS, SECONDS).rate, contender))
        print(f"{contender.name}: {rated[-1][0]:.0f}/s")
    number = max(range(len(rated)), key=lambda i: rated[i][0])
    for _, contender in rated[:number] + rated[number + 1 :]:
        contender.server.close()
    return rated[number][1], number


def tuned_peers(peers: Peers, wanted: Sequence[Precision]) -> list[Contender]:
    """Return LitServe and BentoML in all precisions, with what is best for them in fp32."""
    if not PEERS:
        return []
    sharings = list(dict.fromkeys(SHARINGS))
    first, *others = LITSERVE_TIMEOUTS
    lit, number = best_of(peers.litserve("fp32", *sharing, first) for sharing in sharings)
    sharing = sharings[number]
    best, number = best_of(itertools.chain([lit], (peers.litserve("fp32", *sharing, t) for t in others)))
    bento, place = best_of(peers.bentoml("fp32", *each) for each in sharings)
    found = [best, bento]
    for precision in wanted[1:]:
        found.append(peers.litserve(precision, *sharing, LITSERVE_TIMEOUTS[number]))
        found.append(peers.bentoml(precision, *sharings[place]))
    return found


def all_contenders(platform: Platform, folder: Path, stack: ExitStack) -> list[Contender]:
    """Start all servers; each peer with the setting that is best in fp32."""
    peers = Peers(as_peers_read_it(platform), folder, stack)
    wanted = precisions(platform)
    paths = {name: f"/api/v1/models/{name}-0/predict" for p in wanted for name in (f"lora-{p}", f"head-{p}")}
    ours = verticore(platform.settings.home, folder / "verticore", (paths["head-fp32"], examples_of(TEXTS[0])))
    ours.pause()
    stack.callback(ours.close)
    found = []
    for precision in wanted:
        for method in ("lora", "head"):
            requests = [(paths[f"{method}-{precision}"], examples_of(text)) for text in TEXTS]
            name = f"Verticore, {method}"
            found.append(Contender(name, precision, ours, requests, f"Verticore, lora {precision}"))
        found += [peers.fastapi(precision, threads) for threads in sorted({1, CORES})]
    return found + tuned_peers(peers, wanted)


def examples_of(text: str) -> dict[str, object]:
    return {"examples": [{"text": text}]}


def label_of(contender: Contender, number: int) -> str:
    """Return what one says of a text."""
    answer = contender.server.ask(*contender.requests[number])
    if isinstance(answer, dict):
        answer = answer.get("predictions", [answer])
    return str(answer[0]["label"])


def check_that_answers_agree(contenders: Sequence[Contender]) -> None:
    """Compare labels with those of the first head alone: all serve one classifier (deltas are random: not compared)."""
    said: dict[str, list[str]] = {}
    for contender in contenders:
        contender.server.resume()
        said[f"{contender.name} {contender.precision}"] = [label_of(contender, number) for number in range(24)]
        contender.server.pause()
    expected = said["Verticore, head fp32"]
    assert len(set(expected)) > 1
    for name, labels in said.items():
        if not name.startswith("Verticore, lora"):
            assert sum(a == b for a, b in zip(labels, expected, strict=True)) >= 0.9 * len(expected), name


class Offline:
    """The forward pass of a model on prepared rows, as fast as this machine does it in one process.

    Args:
        model: whose.
        examples: finished.
    """

    def __init__(self, model: Model, examples: Sequence[object]) -> None:
        self._model = model
        self._rows = model.prepare(examples)  # type: ignore[arg-type]
        plans = [(passes, tokens) for passes in sorted({1, CORES}) for tokens in (512, 2048, 8192)]
        self.plan = max(plans, key=lambda plan: self.rate(*plan, seconds=SECONDS / 6))

    def rate(self, passes: int, tokens: int, seconds: float = SECONDS) -> float:
        """Return texts a second, of the mean length of all: a short measurement does not come to all batches.

        Args:
            passes: side by side, which share the cores.
            tokens: of a batch.
            seconds: to be measured.
        """
        costs = [row.cost for row in self._rows]
        batches = list(inference_batches(costs, tokens, most=256))
        random.Random(0).shuffle(batches)
        with ThreadPoolExecutor(passes) as pool:
            parts = [itertools.cycle(batches[number:] + batches[:number]) for number in range(passes)]
            rates = pool.map(lambda part: self._tokens_a_second(part, CORES // passes, seconds), parts)
            return sum(rates) / statistics.mean(costs)

    def _tokens_a_second(self, batches: Iterator[list[int]], threads: int, seconds: float) -> float:
        torch.set_num_threads(threads)
        done, started = 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            rows = [self._rows[i] for i in next(batches)]
            forward_rows([(self._model, row) for row in rows])
            done += sum(row.cost for row in rows)
        return done / (time.perf_counter() - started)


def offline_of(platform: Platform) -> dict[tuple[str, Precision], Offline]:
    example = platform.plugins.solution("finance.sentiment").example
    examples = [example(text=text) for text in TEXTS[:400]]
    return {
        (method, precision): Offline(
            platform.models.get(platform.registry.resolve(f"{method}-{precision}-0")), examples
        )
        for precision in precisions(platform)
        for method in ("lora", "head")
    }


def table_of(
    contenders: Sequence[Contender], loads: dict[str, list[Load]], singles: dict[str, list[Load]], offline: dict
) -> list[tuple[str, ...]]:
    """Return the rows of the table, by precision."""
    rows = []
    for contender in contenders:
        key = f"{contender.name} {contender.precision}"
        mine, alone = loads[key], singles[key]
        pairs = zip(loads[contender.against], mine, strict=True)
        rows.append(
            (
                contender.name,
                contender.precision,
                f"{median(load.rate for load in mine):.0f}",
                f"{median(ours.rate / its.rate for ours, its in pairs):.2f}×",
                *(f"{median(times):.1f} ms" for times in ([x.p50 for x in mine], [x.p99 for x in mine])),
                *(f"{median(times):.1f} ms" for times in ([x.p50 for x in alone], [x.p99 for x in alone])),
            )
        )
    for (method, precision), (plan, rates) in offline.items():
        ratio = median(o.rate / r for o, r in zip(loads[f"Verticore, {method} {precision}"], rates, strict=True))
        words = f"offline forward pass, {method}, {plan[0]} side by side, {plan[1]} tokens"
        rows.append((words, precision, f"{median(rates):.0f}", f"{ratio:.2f}×", "–", "–", "–", "–"))
    return sorted(rows, key=lambda row: row[1] != "fp32")


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_serving_speed(shop: Platform, tmp_path: Path) -> None:
    loads: dict[str, list[Load]] = {}
    singles: dict[str, list[Load]] = {}
    rates: dict[tuple[str, Precision], list[float]] = {}
    before = torch.get_num_threads()
    with ended_by_sigterm(), ExitStack() as stack:
        stack.callback(torch.set_num_threads, before)
        contenders = all_contenders(shop, tmp_path / "servers", stack)
        check_that_answers_agree(contenders)
        offline = offline_of(shop)
        for _ in range(ROUNDS):
            for contender in contenders:
                key = f"{contender.name} {contender.precision}"
                loads.setdefault(key, []).append(measured(contender, CLIENTS, SECONDS))
                singles.setdefault(key, []).append(measured(contender, 1, SECONDS / 2))
            for place, passes in offline.items():
                rates.setdefault(place, []).append(passes.rate(*passes.plan))
    write_section(
        "Serving speed",
        f"One classifier of three classes on MiniLM, {CLIENTS} clients in one process, each with one text of 10 to 35 "
        "words at a time on a connection that it keeps; then one client alone. Every server is a process of its own "
        f"beside the clients on the same {CORES} cores, with its logs and metrics as by default; the others stand "
        f"still meanwhile. Medians of {ROUNDS} alternating rounds of {SECONDS:g} s; the ratio is the median of the "
        "rounds' ratios of answers a second, Verticore's `lora` (for offline: the same method) to that line's. `lora`: "
        "a delta of rank 8 on all linear layers; the others serve the encoder without one. Their model: transformers, "
        "padded batches of up to 32 texts, mean pooling, the same head; bf16 is autocast. LitServe and BentoML run "
        "with the processes × threads, and LitServe with the batch timeout "
        f"({', '.join(f'{1000 * t:.0f}' for t in LITSERVE_TIMEOUTS)} ms were tried), that gave them the most answers a "
        "second in fp32. Offline: bare forward passes on texts that are tokenised already, sorted by length, in the "
        "best of six ways of cutting batches and sharing cores. Floors: 2.2× LitServe and BentoML, 4× plain FastAPI, "
        ".85× offline; with one client p50 at most 1.1× plain FastAPI's; p99 at most 3× p50."
        + ("" if PEERS else " LitServe and BentoML were not there (`$VERTICORE_PEERS`).")
        + " `tests/benchmarks/test_serving_speed.py`.",
        ("server", "precision", "answers/s", "ratio", "p50", "p99", "one client: p50", "p99"),
        table_of(contenders, loads, singles, {place: (offline[place].plan, found) for place, found in rates.items()}),
    )

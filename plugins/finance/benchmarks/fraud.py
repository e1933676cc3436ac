"""``finance.fraud`` against LightGBM with its defaults, on the same columns and the same rows.

    python plugins/finance/benchmarks/fraud.py fraud_creditcard/data.csv --map time= --seeds 0 1 2

Each seed is a split: the solution's default recipe learns from training and validation rows as it likes; LightGBM,
100 trees, from both together. Both are measured on the test rows, with a paired bootstrap of the difference.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.metrics import average_precision_score

from platform_core.datasets.records import LabeledExample
from platform_core.modeling.table_schema import TableSchema
from platform_core.platform import Platform
from platform_core.sdk import TableSettings

RESAMPLES = 1_000
SOLUTION = "finance.fraud"


def main() -> None:
    """Print one line for each seed, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--map", default="", help="as for 'verticore train'; 'time=' splits by chance")
    parser.add_argument("--split", default="60/15/25")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    mapping = dict(part.split("=", 1) for part in given.map.split(",") if part)
    say("seed | rows | frauds | AP (95 %) | LightGBM | difference (95 %) | recall@1% | seconds")
    found = []
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as home, Platform.open(Path(home)) as platform:
            found.append(compare(platform, given.data, seed, split=given.split, mapping=mapping))
    say("mean AP {:.3f}, LightGBM {:.3f}, difference {:+.3f}".format(*np.mean(found, 0)))


def compare(platform: Platform, data: Path, seed: int, **options: Any) -> tuple[float, float, float]:
    """Train both, print a line, and return average precision of the solution, of LightGBM, and the difference."""
    started = time.perf_counter()
    result = platform.train(SOLUTION, data, seed=seed, **options)
    seconds = time.perf_counter() - started
    rows = platform.datasets.load(platform.datasets.resolve(result.dataset))
    learned = [row for row in rows if row.split != "test"]
    tested = [row for row in rows if row.split == "test"]
    model = platform.models.get(platform.registry.resolve(f"{SOLUTION}:{result.version}"))
    labels = tuple(model.spec.head.labels)
    positive = model.spec.head.positive
    assert positive is not None
    ours = np.asarray(model.score_examples([row.example for row in tested]))[:, labels.index(positive)]
    theirs = lightgbm_scores(learned, tested, positive, seed)
    truth = frauds(tested, positive)
    scores = {"ours": ours, "theirs": theirs}
    points = {name: float(average_precision_score(truth, score)) for name, score in scores.items()}
    low, high = np.quantile(resampled(truth, ours, np.zeros_like(ours))[:, 0], (0.025, 0.975))
    differences = resampled(truth, ours, theirs)
    worst, best = np.quantile(differences[:, 0] - differences[:, 1], (0.025, 0.975))
    difference = points["ours"] - points["theirs"]
    say(
        f"{seed} | {len(tested)} | {truth.sum()} | {points['ours']:.3f} ({low:.3f} – {high:.3f}) | "
        f"{points['theirs']:.3f} | {difference:+.3f} ({worst:+.3f} – {best:+.3f}) | "
        f"{result.metrics.get('recall@alert=0.01', float('nan')):.3f} | {seconds:.0f}"
    )
    return points["ours"], points["theirs"], difference


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def frauds(rows: list[LabeledExample], positive: str | None) -> np.ndarray:
    """Return 1 for each row of the positive label, int [rows]."""
    return np.array([int(row.target == positive) for row in rows])


def lightgbm_scores(
    learned: list[LabeledExample], tested: list[LabeledExample], positive: str | None, seed: int
) -> np.ndarray:
    """Return the scores of LightGBM with its defaults on the columns that the solution reads, derived ones included."""
    schema = TableSchema.fit([row.example for row in learned], TableSettings())
    assert schema is not None
    tables = []
    for rows in (learned, tested):
        arrays = schema.encode([row.example for row in rows])
        tables.append(np.concatenate([arrays.numbers, arrays.categories], 1))
    categories = list(range(len(schema.numbers), tables[0].shape[1]))
    data = lightgbm.Dataset(tables[0], frauds(learned, positive), categorical_feature=categories)
    settings = {"objective": "binary", "verbose": -1, "seed": seed, "num_threads": 1}
    return np.asarray(lightgbm.train(settings, data, 100).predict(tables[1]))


def resampled(truth: np.ndarray, *scores: np.ndarray) -> np.ndarray:
    """Return the average precision of each of the scores on resampled rows, [resamples, scores]."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        if truth[rows].any():
            found.append([average_precision_score(truth[rows], score[rows]) for score in scores])
    return np.array(found)


if __name__ == "__main__":
    main()

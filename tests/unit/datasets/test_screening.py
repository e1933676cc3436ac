from random import Random
from typing import Any

import pytest

from platform_core.datasets.screening import screen

RNG = Random(0)
LABELS = [RNG.choice(["fraud", "fine", "fine"]) for _ in range(400)]
RARE = ["failure" if i % 25 == 0 else "ok" for i in range(3_000)]


def kinds(_labels: list[Any] = LABELS, **columns: list[Any]) -> dict[str, str]:
    return {s.column: s.kind if s.sure else f"{s.kind}?" for s in screen(columns, _labels)}


def noise(rows: int, seed: int = 1) -> list[float]:
    rng = Random(seed)
    return [rng.gauss(0, 1) for _ in range(rows)]


def test_finds_columns_that_tell_the_label_alone() -> None:
    found = kinds(
        copy=[label.upper() for label in LABELS],
        words=["nicht" if label == "fine" else "doch" for label in LABELS],
        score=[(0.9 if label == "fraud" else 0.2) + RNG.random() / 10 for label in LABELS],
        noise=[RNG.random() for _ in LABELS],
        weak=["yes" if (label == "fraud") == (RNG.random() < 0.8) else "no" for label in LABELS],
    )
    assert found == {"copy": "leak", "words": "leak", "score": "leak"}


def test_the_order_of_the_rows_hides_no_leak() -> None:
    labels = ["fraud", "fine"] * 200
    columns = {"copy": [label.upper() for label in labels], "noise": noise(400)}
    assert kinds(labels, **columns) == {"copy": "leak"}
    assert kinds(sorted(labels), copy=sorted(columns["copy"]), noise=columns["noise"]) == {"copy": "leak"}
    amounts = [100.0 * (label == "fraud") + extra for label, extra in zip(labels, columns["noise"], strict=True)]
    assert kinds(amounts, group=columns["copy"], noise=noise(400, seed=2)) == {"group": "leak"}


def test_tells_the_evidence() -> None:
    (suspect,) = screen({"copy": LABELS}, LABELS)
    assert suspect.evidence == "alone it tells the label with a balanced accuracy of 1.00 (chance 0.50)"


def test_a_score_gives_a_rare_class_away() -> None:
    after = [5 + RNG.random() if label == "failure" else 5.05 * RNG.random() for label in RARE]
    assert kinds(RARE, after=after, noise=noise(len(RARE))) == {"after": "leak"}


def test_honest_strong_predictors_are_kept() -> None:
    shift = [2.5 * (label == "failure") for label in RARE]
    columns = {f"v{i}": [a + b for a, b in zip(shift, noise(len(RARE), i), strict=True)] for i in range(4)}
    region = [RNG.choice(["north", "south", "east"]) if y == "ok" else "west" for y in RARE]
    mixed = [RNG.choice(["west", "north"]) if r == "north" else r for r in region]
    risky = [int((label == "failure" and RNG.random() < 0.5) or RNG.random() < 0.01) for label in RARE]
    assert kinds(RARE, **columns, region=mixed, risky=risky) == {}


@pytest.mark.parametrize("seed", range(5))
def test_an_easy_task_is_no_leak(seed: int) -> None:
    rng = Random(seed)
    columns = {f"petal {i}": [3.0 * (y == "fraud") + rng.gauss(0, 0.5) for y in LABELS] for i in range(4)}
    strong = [6.0 * (y == "fraud") + rng.gauss(0, 0.5) for y in LABELS]
    assert set(kinds(strong=strong, **columns).values()) <= {"leak?"}


def test_flags_that_point_at_a_rare_class_without_error_are_leaks() -> None:
    causes = [RNG.choice(["heat", "wear", "power", "none"]) if y == "failure" else "none" for y in RARE]
    flags = {cause: [int(c == cause) for c in causes] for cause in ("heat", "wear", "power")}
    (heat, *_) = found = screen({"load": noise(len(RARE)), **flags}, RARE)
    assert [(s.column, s.kind, s.sure) for s in found] == [(name, "leak", True) for name in flags]
    assert "rows are 'failure', as are 4 % of all rows; 'heat', 'wear', 'power' together cover" in heat.evidence


def test_a_flag_among_flags_that_leak_is_one_of_them() -> None:
    causes = [RNG.choice(["TWF", "HDF", "PWF"]) if y == "failure" else "" for y in RARE]
    flags = {cause: [int(c == cause) for c in causes] for cause in ("TWF", "HDF", "PWF")}
    rare_event = [int(i % 300 == 1) for i in range(len(RARE))]
    assert kinds(RARE, **flags, RNF=rare_event) == dict.fromkeys([*flags, "RNF"], "leak")
    assert kinds(RARE, **flags, holiday=rare_event) == dict.fromkeys(flags, "leak")


def test_what_is_filled_in_only_for_a_rare_class_is_a_leak() -> None:
    repaired = [f"2024-01-{1 + i % 28}" if y == "failure" and i % 50 else None for i, y in enumerate(RARE)]
    cost = [round(RNG.random() * 100, 2) if y == "failure" and i % 50 else 0 for i, y in enumerate(RARE)]
    often_missing = [None if RNG.random() < 0.3 else RNG.random() for _ in RARE]
    found = screen({"repaired": repaired, "cost": cost, "often_missing": often_missing}, RARE)
    assert [(s.column, s.kind) for s in found] == [("repaired", "leak"), ("cost", "leak")]
    assert found[0].evidence.startswith("where it has a value, 60 of 60 rows are 'failure'")
    assert found[1].evidence.startswith("where it has another value than '0', 60 of 60")


def test_a_rule_for_a_common_class_is_only_doubtful() -> None:
    complete = ["no" if y == "fraud" and RNG.random() < 0.4 else "yes" for y in LABELS]
    assert kinds(complete=complete, noise=noise(len(LABELS))) == {"complete": "leak?"}


def test_another_judgement_of_the_same_thing_is_a_leak() -> None:
    levels = [RNG.choice("12345") for _ in range(500)]
    nurse = [y if RNG.random() < 0.85 else str(min(5, max(1, int(y) + RNG.choice([-1, 1])))) for y in levels]
    pain = [RNG.choice("12345") for _ in range(500)]
    found = screen({"nurse": nurse, "pain": pain}, levels, levels="12345")
    assert [(s.column, s.sure) for s in found] == [("nurse", True)]
    assert "it holds the labels themselves, and agrees with them (kappa 0.9" in found[0].evidence


def test_numbers_are_given_away_by_what_follows_them() -> None:
    prices = [RNG.lognormvariate(3, 1) for _ in range(500)]
    area = [price * RNG.lognormvariate(0, 0.5) for price in prices]
    copies = {"price_eur": [1.1 * p for p in prices], "log": [p**0.5 for p in prices]}
    assert kinds(prices, area=area, **copies) == dict.fromkeys(copies, "leak")
    lags = {f"lag_{i}": [p * RNG.lognormvariate(0, 0.03 * i * i) for p in prices] for i in (1, 2, 3, 4)}
    assert set(kinds(prices, **lags).values()) <= {"leak?"}
    shop = [f"shop {int(price) // 100}" for price in prices]
    assert kinds(prices, shop=shop) == {}


def test_one_of_several_labels_is_given_away() -> None:
    sets = [tuple(sorted({y for y in ("late", "damaged") if RNG.random() < 0.3})) for _ in range(600)]
    refund = ["paid" if "damaged" in y else "open" for y in sets]
    (suspect,) = screen({"refund": refund, "noise": noise(600)}, sets)
    assert (suspect.column, suspect.sure) == ("refund", True)
    assert suspect.evidence.startswith("of the label 'damaged': alone it tells")


def test_finds_identifiers() -> None:
    shuffled = RNG.sample(range(400), 400)
    found = kinds(
        serial=list(range(400)),
        shuffled=[str(number) for number in shuffled],
        code=[f"P-{number:05}" for number in shuffled],
        policy=[10_000 + 37 * number for number in shuffled],
        account=[str(RNG.randrange(10**8, 10**9)) for _ in range(400)],
        customer_id=[RNG.randrange(10**6) // 3 for _ in range(400)],
        product=[f"{'ML'[i % 2]}{14_000 + i + 9_000 * (i % 2)}" for i in range(400)],
        invoice=[f"R{i // 2}" for i in range(400)],
    )
    names = ["serial", "shuffled", "code", "policy", "account", "customer_id", "product", "invoice"]
    assert found == dict.fromkeys(names, "identifier")


def test_leaves_amounts_times_and_categories_alone() -> None:
    found = kinds(
        amount=[RNG.random() * 100 for _ in range(400)],
        income=sorted({int(RNG.lognormvariate(11, 1)) for _ in range(500)}, key=lambda n: RNG.random())[:400],
        Time=sorted(RNG.sample(range(170_000), 400)),
        city=[RNG.choice(["Oslo", "Lima"]) for _ in range(400)],
        complaint=[RNG.choice(["chest pain", "fever since days", "ankle"]) for _ in range(400)],
        store_id=[RNG.randrange(20) for _ in range(400)],
    )
    assert found == {}


def test_long_values_are_cut_short_in_the_evidence() -> None:
    (suspect,) = screen({"note": ["word " * 2_000] * len(LABELS)}, LABELS)
    assert suspect.kind == "constant"
    assert len(suspect.evidence) < 80


def test_tells_columns_that_say_nothing() -> None:
    found = kinds(
        text=[f"every row has its own sentence {i}" for i in range(400)],
        constant=["a"] * 400,
        missing=[None] * 400,
        lists=[[i] for i in range(3)] * 133 + [[0]],
    )
    assert found == {"text": "text", "constant": "constant", "missing": "constant", "lists": "unreadable"}


@pytest.mark.parametrize("labels", [LABELS[:10], [None] * 10, [1.5] * 10])
def test_few_rows_prove_nothing(labels: list[Any]) -> None:
    assert screen({"copy": LABELS[:10]}, labels) == []


def test_is_the_same_every_time_and_quick_on_many_rows() -> None:
    labels = ["a", "b"] * 60_000
    columns = {"copy": [label.upper() for label in labels], "noise": noise(len(labels))}
    assert screen(columns, labels) == screen(columns, labels)

from random import Random

from platform_core.datasets.screening import screen

RNG = Random(0)
LABELS = [RNG.choice(["fraud", "fine", "fine"]) for _ in range(400)]


def kinds(**columns: list[object]) -> dict[str, str]:
    return {suspect.column: suspect.kind for suspect in screen(columns, LABELS)}


def test_finds_columns_that_tell_the_label_alone() -> None:
    found = kinds(
        copy=[label.upper() for label in LABELS],
        score=[(0.9 if label == "fraud" else 0.2) + RNG.random() / 10 for label in LABELS],
        noise=[RNG.random() for _ in LABELS],
        weak=[label if RNG.random() < 0.6 else "fine" for label in LABELS],
        constant=["a"] * len(LABELS),
    )
    assert found == {"copy": "leak", "score": "leak"}


def test_tells_the_evidence() -> None:
    (suspect,) = screen({"copy": LABELS}, LABELS)
    assert suspect.evidence == "alone it tells the label with a balanced accuracy of 1.00 (chance 0.50)"


def test_finds_identifiers() -> None:
    shuffled = RNG.sample(range(400), 400)
    found = kinds(
        serial=list(range(400)),
        shuffled=[str(number) for number in shuffled],
        code=[f"P-{number:05}" for number in shuffled],
        policy=[10_000 + 37 * number for number in shuffled],
    )
    assert found == dict.fromkeys(["serial", "shuffled", "code", "policy"], "identifier")


def test_leaves_texts_amounts_and_categories_alone() -> None:
    found = kinds(
        text=[f"every row has its own sentence {i}" for i in range(400)],
        amount=[RNG.random() * 100 for _ in range(400)],
        city=[RNG.choice(["Oslo", "Lima"]) for _ in range(400)],
        missing=[None] * 400,
        lists=[[i] for i in range(3)] * 133 + [[0]],
    )
    assert found == {}


def test_few_rows_prove_nothing() -> None:
    assert screen({"copy": LABELS[:10]}, LABELS[:10]) == []

"""Model cards: pleasant to read, complete as JSON, and not broken by anybody's label."""

import json
from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from platform_core.registry.card import (
    ClassRow,
    ConfusionTable,
    DataSummary,
    EncoderSummary,
    ModelCard,
    TrainingSummary,
    command_of,
    render,
    save_card,
)
from platform_core.registry.card.numbers import duration
from platform_core.registry.card.text import block, code, escape

NASTY = [
    "a|b",
    "*bold* _x_",
    "`tick`",
    "<script>alert(1)</script>",
    "[link](http://x)",
    "# head",
    "line\n\nbreak",
    "$x$",
]


def card(**changes):
    labels = changes.pop("labels", ["negative", "neutral", "positive"])
    support = [20, 60, 20]
    fields = {
        "model": "news",
        "solution": "finance.sentiment",
        "title": "Financial sentiment",
        "created_at": datetime(2026, 11, 2, tzinfo=UTC),
        "intended_use": "Sorting news for analysts.",
        "limits": ["English only."],
        "risks": ["A wrong label may hide bad news."],
        "evaluated_on": "test",
        "n": 100,
        "metrics": {"accuracy": 0.871, "macro_f1": 0.8432, "micro_f1": 0.871, "ece": 0.031},
        "intervals": {"accuracy": (0.80, 0.93), "macro_f1": (0.77, 0.9)},
        "per_class": [
            ClassRow(label=label, precision=0.8, recall=0.9, f1=0.85, support=count)
            for label, count in zip(labels, support * 9, strict=False)
        ],
        "confusion": ConfusionTable(labels=labels[:3], matrix=[[15, 5, 0], [2, 56, 2], [1, 3, 16]]),
        "data": DataSummary(
            dataset="phrasebank:1",
            digest="ab" * 32,
            rows=1000,
            splits={"train": 800, "validation": 100, "test": 100},
            labels=labels,
            adapter="table",
            mapping={"text": "sentence", "label": "tone"},
            provenance={"files": ["data.csv"]},
            warnings=["3 near duplicates"],
        ),
        "method": "lora",
        "encoder": EncoderSummary(name="minilm", fingerprint="12" * 32, licence="Apache-2.0"),
        "recipe": {"epochs": 5, "learning_rate": 2e-4, "lora_targets": ["query", "value"]},
        "changed": {"epochs": 5, "lora_targets": ["query", "value"]},
        "seed": 7,
        "training": TrainingSummary(seconds=133.2, epochs=5, best_epoch=4, hardware="2 CPU cores", precision="bf16"),
        "licences": {"code": "Apache-2.0", "weights": "", "data": "CC-BY-NC-SA-3.0"},
        "versions": {"verticore": "0.1.0", "sdk": "0.1.0"},
        "pictures": {"confusion_matrix": "confusion_matrix.png", "training_curve": "training_curve.png"},
    }
    return ModelCard(**fields | changes)


def html_of(markdown):
    return MarkdownIt("commonmark").enable("table").render(markdown)


def test_headline_comes_first_with_interval_split_and_baseline():
    text = render(card())
    headline = text.index(
        "**87.1 % of its answers were right** (95 % interval 80.0 – 93.0 %), on 100 examples of the test"
    )
    assert headline < text.index("| Macro-F1 | 0.843 | 0.770 – 0.900 |") < text.index("## What it is for")
    assert "Always answering “neutral” would have been right in 60.0 %." in text
    assert "Micro-F1" not in text


def test_everything_that_was_promised_is_there():
    text = render(card(version=3, warnings=["only 5 groups of examples"]))
    for part in (
        "# Financial sentiment: news:3",
        "> **Mind:** only 5 groups of examples.",
        "| negative | 20 | 90.0 % | 80.0 % | 0.850 |",
        "- “negative” taken for “neutral”: 5 of 20 (25.0 %)",
        "![Confusion matrix: true classes in rows, predictions in columns](confusion_matrix.png)",
        "](training_curve.png)",
        "- English only.",
        "- A wrong label may hide bad news.",
        "| rows | 1,000: 800 train, 100 validation, 100 test |",
        "| field `text` | column `sentence` |",
        "| files | data.csv |",
        "- 3 near duplicates",
        "5 epochs in 2 min 13 s, of which epoch 4 was kept, on 2 CPU cores, in bf16.",
        "| `epochs` | 5 (changed) |",
        "| data | CC-BY-NC-SA-3.0 |",
        "| encoder `minilm` | Apache-2.0 |",
        "Software: verticore 0.1.0, sdk 0.1.0.",
    ):
        assert part in text
    assert "| weights |" not in text


def test_the_command_trains_it_again():
    assert command_of(card()) == (
        "verticore train finance.sentiment --data phrasebank:1 --name news --method lora --encoder minilm --seed 7"
        ' --set epochs=5 --set \'lora_targets=["query","value"]\''
    )
    assert "--encoder '/my models/it'\"'\"'s'" in command_of(
        card(encoder=EncoderSummary(name="/my models/it's", fingerprint="x"))
    )


def test_what_was_masked_is_told_with_its_counts():
    masking = {"by": "clinical", "counts": {"date": 12, "name": 3}}
    data = card().data.model_copy(update={"provenance": {"masking": masking, "files": [{"name": "a.csv", "rows": 3}]}})
    text = render(card(data=data))
    assert "| masking | by: clinical; counts (date: 12, name: 3) |" in text
    assert "| files | `a.csv` (rows: 3) |" in text


def test_out_of_fold_metrics_say_so():
    recipe = {"folds": 5}
    text = render(card(evaluated_on="out_of_fold", method="fit", recipe=recipe, changed={}))
    assert "on 100 examples of the training and validation splits, answered out of fold" in text
    assert "was answered by the parts of the model that have not learned from it" in text
    assert "on the validation split" not in text
    assert "out_of_fold" not in text
    assert (
        ModelCard.model_validate_json(card(evaluated_on="out_of_fold").model_dump_json()).evaluated_on == "out_of_fold"
    )


def test_in_folds_nothing_was_chosen_on_the_validation_split():
    held_out = card(method="fit", recipe={"folds": 5}, changed={}, goal="recall=0.9", abstain_risk=0.05)
    assert "the validation split" not in render(held_out)


def test_validation_metrics_say_so():
    text = render(card(evaluated_on="validation"))
    assert "expect somewhat worse numbers on new data" in text
    assert "saw the test split" not in text


def test_an_unmeasured_model_says_so():
    text = render(card(evaluated_on="none", n=0, metrics={}, intervals={}, per_class=[], confusion=None, pictures={}))
    assert "**Not measured.**" in text
    assert "%" not in text


def test_a_class_without_examples_has_no_recall():
    rows = [ClassRow(label="rare", precision=0, recall=0, f1=0, support=0)]
    assert "| rare | 0 | – | 0.0 % | 0.000 |" in render(card(per_class=rows, n=10))


def test_nasty_labels_are_shown_literally():
    html = html_of(render(card(labels=NASTY)))
    assert "<script>" not in html
    assert "<em>" not in html
    assert "<a " not in html
    classes = html.split("Class by class")[1].split("</table>")[0]
    assert classes.count("<tr>") == 1 + len(NASTY)
    assert classes.count("<td") == 5 * len(NASTY)
    assert "a|b" in classes
    assert "*bold* _x_" in classes
    assert "`tick`" in classes


@pytest.mark.parametrize(
    "text", ["- item", "+ item", "1. item", "2) item", "# head", "=== x", "> quote", "---", "| a |"]
)
def test_escaped_text_is_a_plain_paragraph(text):
    assert html_of(escape(text)).startswith("<p>")


@pytest.mark.parametrize("text", ["a`b", "``", "`x`", "plain", "a  b"])
def test_code_spans_hold_any_text(text):
    assert f"<code>{' '.join(text.split())}</code>" in html_of(code(text))


def test_code_blocks_hold_backticks():
    assert html_of(block("echo '```'")).count("<pre>") == 1
    assert "echo '```'" in html_of(block("echo '```'"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (42.4, "42 s"), (60, "1 min 0 s"), (3599.9, "1 h 0 min"), (7322, "2 h 2 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_files_and_json_twin(tmp_path):
    made = card()
    save_card(made, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "card.md"]
    twin = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert ModelCard.model_validate(twin) == made
    assert twin["intervals"]["accuracy"] == [0.80, 0.93]
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == render(made)

"""Cards of all tasks and inputs: each says what matters first, in plain English, and nothing that is not so."""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt
from worlds.cards import LABELS, TABLE, TASKS, card, every_kind, measured, scored

from platform_core.cli.options import read_settings
from platform_core.evaluation import METRICS_OF, Goal, evaluate
from platform_core.evaluation.slices import METRICS_OF_SLICES
from platform_core.registry.card import ModelCard, baseline_of, command_of, render
from platform_core.registry.card.numbers import share
from platform_core.registry.card.words import goal_in_words, meaning_of, title_of

GOLDEN = Path(__file__).parents[2] / "golden" / "0.1.0" / "workspace" / "storage" / "tenants" / "local" / "models"


@pytest.fixture(scope="module")
def cards():
    return dict(every_kind())


@pytest.fixture(scope="module")
def texts(cards):
    return {name: render(made) for name, made in cards.items()}


def headline(text):
    return text.split("## How good it is\n\n")[1].split("\n")[0]


class TestEveryCard:
    """What holds for all tasks and inputs."""

    def test_reads_as_plain_text(self, texts):
        for name, text in texts.items():
            prose = "\n".join(line for line in text.splitlines() if not line.startswith("verticore "))
            assert not re.search(r"\bNone\b(?! are stated)|\bnan\b|\[\]|\{|\}| ,| \.( |$)|\(\)|  ", prose), name
            assert "\n\n\n" not in text, name

    def test_has_no_empty_section(self, texts):
        for name, text in texts.items():
            lines = [line for line in text.splitlines() if line]
            for line, following in zip(lines, [*lines[1:], "#"], strict=True):
                level = len(line) - len(line.lstrip("#"))
                is_title = level and line[level] == " "
                assert not is_title or not re.match(rf"#{{1,{level}}} ", following), f"{name}: {line}"

    def test_tables_are_whole(self, texts):
        for name, text in texts.items():
            for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
                rows = [line.count("|") - line.count("\\|") for line in table.splitlines()]
                assert len(rows) > 2, f"{name}: {table}"
                assert len(set(rows)) == 1, f"{name}: {table}"

    def test_json_twin_says_the_same(self, cards):
        for name, made in cards.items():
            assert ModelCard.model_validate_json(made.model_dump_json()) == made, name

    def test_sections_that_do_not_apply_are_absent(self, texts):
        assert "Encoder `" not in texts["ordinal"]
        assert "| encoder " not in texts["ordinal"]
        assert "Columns that it reads" not in texts["multiclass"]
        assert "be believed" not in texts["regression"]
        assert "person decide" not in texts["regression"]
        assert "Most frequent mistakes" not in texts["multilabel"]
        assert "## Licences" not in texts["regression"]


class TestHeadlines:
    """What matters first for the task comes first, with what no model would reach."""

    def test_binary(self, cards, texts):
        (point,) = cards["binary"].operating_points
        said = headline(texts["binary"])
        low, high = point.intervals["recall"]
        assert said.startswith(f"**It found {100 * point.recall:.1f} % of “fraud” (recall; 95 % interval ")
        assert f"interval {100 * low:.1f} – {100 * high:.1f} %), and " in said
        assert f"{100 * point.precision:.1f} % of its alerts were right (precision; " in said
        assert f"It alerted {100 * point.alert_rate:.1f} % of all examples" in said
        assert "of which 8.8 % are “fraud”" in said
        assert "alerting at random would reach 0.0875" in said
        assert "always answering “no” would have been right in 91.2 %" in said

    def test_binary_without_positives_or_alerts(self):
        targets, scores = ["no"] * 30, np.tile([0.9, 0.1], (30, 1))
        facts = evaluate("binary", LABELS["binary"], targets, scores, resamples=50).to_dict()
        said = headline(render(card("binary", facts)))
        assert said.startswith("**Nothing is known of how much “fraud” it finds**: there was none, on 30 examples")
        targets[0] = "fraud"
        facts = evaluate("binary", LABELS["binary"], targets, scores, resamples=50).to_dict()
        assert ", and alerted nothing**, on 30 examples" in headline(render(card("binary", facts)))

    def test_ordinal(self, cards, texts):
        made, said = cards["ordinal"], headline(texts["ordinal"])
        share = 100 * made.metrics["undertriage"]
        assert said.startswith(f"**{share:.1f} % of the examples were judged milder than they are (under-triage)**")
        assert said.index("quadratic weighted kappa") < said.index("were judged exactly right")
        support = [row.support for row in made.per_class]
        milder = 100 * sum(support[:3]) / 400
        assert f"would have judged {milder:.1f} % too mild and been right in {100 * support[3] / 400:.1f} %" in said
        titles = (
            "Under-triage at 30 % over-triage",
            "Under-triage",
            "Quadratic weighted kappa",
            "Coverage",
            "Accuracy",
        )
        places = [texts["ordinal"].index(f"| {title}") for title in titles]
        assert places == sorted(places)
        assert "Where 30 % may be judged too severe" in said

    def test_severe_end_decides_what_is_mild(self, cards):
        assert baseline_of(cards["ordinal"].model_copy(update={"severe": "last"})).undertriage == 0

    def test_multilabel(self, cards, texts):
        made, said = cards["multilabel"], headline(texts["multilabel"])
        assert said.startswith(f"**Over all labels, it reached a micro-F1 of {made.metrics['micro_f1']:.3f}**")
        labels, targets, _ = scored("multilabel")
        always = evaluate("multilabel", labels, targets, np.tile([0.0, 1.0, 0.0], (400, 1)), resamples=50)
        assert baseline_of(made).value == pytest.approx(always.metrics["micro_f1"])

    def test_regression(self, cards, texts):
        made, said = cards["regression"], headline(texts["regression"])
        assert said.startswith(
            f"**Its predictions were off by {made.metrics['mae']:.2f} kg on average** (95 % interval "
        )
        _, targets, _ = scored("regression")
        assert baseline_of(made).value == pytest.approx(np.std(targets))
        assert f"always answering the mean would have {np.std(targets):.2f} kg" in said

    def test_worse_than_the_mean_is_said(self):
        facts = evaluate("regression", [], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], resamples=50).to_dict()
        assert "It is no better than the mean" in headline(render(card("regression", facts)))


class TestDecisions:
    """Thresholds, calibration, abstention: what was chosen, where, for what, and what it does."""

    def test_operating_point_on_both_splits(self, cards, texts):
        (chosen,), (found,) = cards["binary"].validation_points, cards["binary"].operating_points
        text = texts["binary"]
        assert f"at least **{found.threshold:.3g}**. This threshold was chosen on the validation split" in text
        assert "so that at least 80 % are found, with as few alerts as that takes." in text
        assert f"| validation split, where it was chosen | {100 * chosen.recall:.1f} %" in text
        assert f"| test split | {100 * found.recall:.1f} % (" in text
        assert "On the test split the goal was reached." in text

    @pytest.mark.parametrize(
        ("recall", "bounds", "said"),
        [
            (0.81, (0.7, 0.9), "On the test split the goal was reached."),
            (0.75, (0.7, 0.9), "the goal was missed, by no more than chance explains."),
            (0.6, (0.5, 0.7), "**On the test split the goal was missed.**"),
        ],
    )
    def test_goals_are_compared_with_the_test(self, cards, recall, bounds, said):
        made = cards["binary"]
        point = made.operating_points[0].model_copy(update={"recall": recall, "intervals": {"recall": bounds}})
        assert said in render(made.model_copy(update={"operating_points": [point]}))

    @pytest.mark.parametrize(
        ("goal", "said"),
        [
            ("recall=0.95", "at least 95 % are found, with as few alerts as that takes"),
            ("precision=0.9", "at least 90 % of the alerts are right, and as many as possible are found"),
            ("fbeta=2", "F2, in which recall counts 2 times as much as precision, is greatest"),
            ("cost=fp:1,fn:20", "the cost is least, a false alert costing 1 and a miss 20"),
            ("alerts=1%", "at most 1 % of all examples are alerted, and as many as possible are found"),
        ],
    )
    def test_goals_in_words(self, goal, said):
        assert goal_in_words(str(Goal.parse(goal))) == said

    def test_without_a_goal_the_threshold_is_one_half(self, texts):
        assert "at least **0.5**, as no goal was stated." in texts["binary without a goal"]

    def test_each_label_has_its_threshold(self, cards, texts):
        for point in cards["multilabel"].operating_points:
            assert f"| {point.label} | {point.threshold:.3g} | {100 * point.recall:.1f} % |" in texts["multilabel"]
        assert "Labels without a threshold" not in texts["multilabel"]

    def test_calibration_in_words(self, texts):
        assert "a temperature of 1.4: confidences were softened, as the raw ones were too high." in texts["binary"]
        assert "It is not calibrated: on the validation split no calibration did better" in texts["multiclass"]

    def test_abstention(self, cards, texts):
        risk = cards["binary"].risk_coverage
        assert (
            f"Answers that are less than {100 * risk.abstain_below:.1f} % sure are marked `abstained`"
            in texts["binary"]
        )
        assert "so that at most 2 % of the other answers are wrong" in texts["binary"]
        assert (
            f"{100 * risk.coverage:.1f} % of the examples got an answer, and {100 * risk.risk:.1f} %" in texts["binary"]
        )
        unmet = render(cards["multiclass"].model_copy(update={"abstain_risk": 0.01}))
        assert "At most 1 % of the answers were to be wrong, but no answer is withheld" in unmet
        assert "or no confidence did. What leaving the least sure answers to people would save:\n\n|" in unmet
        assert "It always answers. What leaving the least sure answers" in texts["multiclass"]
        risk = cards["multiclass"].risk_coverage
        assert risk.risk_at(1.0) == pytest.approx(1 - cards["multiclass"].metrics["accuracy"])
        assert f"| 80 % | {100 * risk.risk_at(0.8):.1f} % |" in texts["multiclass"]

    def test_abstention_on_both_splits(self, cards, texts):
        made = cards["ordinal"]
        test, validation = made.risk_coverage, made.validation_risk
        assert (
            f"{100 * test.coverage:.1f} % of the examples got an answer, and {100 * test.risk:.1f} % of these answers "
            f"were wrong; on the validation split it was {100 * validation.coverage:.1f} %, with "
            f"{100 * validation.risk:.1f} % wrong."
        ) in texts["ordinal"]

    def test_what_rules_did(self, texts):
        assert "flagged 32 of 400 examples of the test split, and raised 9 answers (2.2 %)" in texts["ordinal"]
        assert "| `red-flag.shock` | 20 | 9 |\n| `odd\\|value` | 12 | 0 |" in texts["ordinal"]
        assert "add remarks to answers, and change none" in texts["export"]
        assert "| remark | examples |\n| --- | ---: |\n| `spelling` | 4 |" in texts["export"]
        assert "What did the rules do?" not in texts["binary"]


class TestParts:
    """Slices, residuals, columns, what was tried, exports."""

    def test_gaps_beyond_chance_are_named(self, cards, texts):
        text = texts["regression"]
        assert (
            "**Differences that chance does not explain:** Mean absolute error 3.57 kg for “south”, 2.81 kg for" in text
        )
        assert "| Mean absolute error | 0.763 kg (beyond chance) | south | east | 0.743 kg |" in text
        assert "| (none) (too few to compare) | 8 |" in text
        assert "No difference is greater than chance explains." in texts["ordinal"]
        assert " points |" in texts["ordinal"]

    def test_residuals_in_the_unit(self, cards, texts):
        spread = cards["regression"].residuals.quantiles
        low, high = f"{-spread['5']:#.3g} kg below", f"{spread['95']:#.3g} kg above"
        assert f"Nine of ten predictions lie between {low} and {high} the truth" in texts["regression"]
        assert " kg too high, with a standard deviation of 4.02 kg." in texts["regression"]

    def test_columns_are_listed_up_to_forty(self, texts):
        text = texts["ordinal"]
        assert text.count("| numbers |") == 40
        assert "… and 6 more." in text
        assert "| `amount 0` | numbers | 0 to 25,000, median 12.5 |" in text
        few = render(card("multiclass", table=TABLE.model_copy(update={"numbers": []})))
        assert "| `city` | categories | 120: Aachen, Berlin, Bonn, Bremen, Celle, … |" in few

    def test_years_are_written_as_years_are(self):
        numbers = [TABLE.numbers[0].model_copy(update={"name": "built", "low": 1994, "high": 1996, "median": 1995.5})]
        numbers.append(numbers[0].model_copy(update={"name": "paid", "low": 1994.5}))
        text = render(card("multiclass", table=TABLE.model_copy(update={"numbers": numbers})))
        assert "| `built` | numbers | 1994 to 1996, median 1995.5 |" in text
        assert "| `paid` | numbers | 1,994 to 1,996, median 1,996 |" in text

    def test_what_was_learned(self, texts):
        assert (
            "Learned: a low-rank delta (LoRA) on the encoder, the network that reads the table and the head."
            in (texts["binary without a goal"])
        )
        assert "LightGBM's boosted trees (62.0 %) and a regularised linear probe (38.0 %), weighted" in texts["ordinal"]
        assert "0 epochs" not in texts["ordinal"]
        assert "It went on from the weights of `trial:3`." in texts["binary without a goal"]

    def test_the_recipe_shows_what_had_a_say(self, texts):
        assert "`boosting.rounds`" in texts["ordinal"]
        assert "`table.rare`" in texts["ordinal"]
        assert "`table.width`" not in texts["ordinal"]
        assert "`epochs`" not in texts["ordinal"]
        assert "| `table.width` | 128 (changed) |" in texts["regression"]
        assert "`lora_rank`" not in texts["regression"]

    def test_what_was_tried(self, texts):
        assert "Of 20 trials this recipe was the best." in texts["regression"]
        assert "| `fit` | – | – | failed: no memory |" in texts["regression"]
        assert "fold by fold: 3.10 kg, 3.20 kg, 3.30 kg." in texts["regression"]

    def test_an_export_is_set_beside_its_parent(self, texts):
        assert "| size, with the encoder | 91.0 MB | 23.0 MB (25.3 %) |" in texts["export"]
        assert "| time for one example | 8.1 ms | 3.2 ms |" in texts["export"]
        assert "99.5 % of the answers are the same" in texts["export"]
        assert "verticore export trial:3 --format onnx --int8" in texts["export"]


class TestCommand:
    """What is printed trains the same again."""

    def test_options(self, cards):
        assert " --goal recall=0.8 --abstain-risk 0.02 " in command_of(cards["binary"])
        assert " --from trial:3 " in command_of(cards["binary without a goal"])
        assert "--encoder" not in command_of(cards["regression"])
        assert command_of(cards["regression"]).endswith(" --set table.width=128")

    def test_settings_are_read_as_they_were(self):
        changed = {
            "members": ["lightgbm", "network"],
            "batch_tokens": None,
            "table.dropout": 0.25,
            "boosting.rounds": 300,
            "loss": "focal",
            "odd": "true",
        }
        words = shlex.split(command_of(card("multiclass", changed=changed)))
        pairs = [value for name, value in pairwise(words) if name == "--set"]
        assert read_settings(pairs) == changed


@pytest.mark.parametrize("task", TASKS)
def test_every_metric_has_a_title_and_a_meaning(task):
    for name in (*METRICS_OF[task], *METRICS_OF_SLICES[task]):
        assert title_of(name) != name
        assert len(meaning_of(name, task)) > 20
        assert "{" not in title_of(name) + meaning_of(name, task)


def test_shares_of_metrics_are_read_from_their_names():
    assert title_of("recall@fpr=0.05") == "Recall at 5 % false alerts"
    assert "at most 0.1 % of all examples" in meaning_of("recall@alert=0.001", "binary")


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0.0 %"), (1, "100.0 %"), (0.0004, "0.04 %"), (0.9997, "99.97 %"), (0.5, "50.0 %"), (-0.2, "-20.0 %")],
)
def test_shares_keep_what_is_left(value, said):
    assert share(value) == said


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*/card.json")), ids=lambda file: file.parent.name)
def test_cards_of_release_0_1_are_read(file):
    old = json.loads(file.read_text("utf-8"))
    assert old["format"] == 1
    made = ModelCard.model_validate(old)
    assert (made.format, made.task, made.metrics) == (2, "multiclass", old["metrics"])
    assert "0.0 % of its answers were right" in headline(render(made))


def test_nasty_names_are_shown_literally_everywhere():
    nasty = "<b>|*x*_y_ `t` [l](http://x) $z$"
    facts = json.loads(
        json.dumps(measured("multilabel", goal="fbeta=2", slices={"where": ["a", "late"] * 200}), default=dict)
    )
    facts = json.loads(json.dumps(facts).replace('"late"', json.dumps(nasty)).replace('"where"', json.dumps(nasty)))
    table = TABLE.model_copy(
        update={
            "numbers": [TABLE.numbers[0].model_copy(update={"name": nasty})],
            "categories": [TABLE.categories[0].model_copy(update={"name": nasty, "values": [nasty]})],
        }
    )
    text = render(card("multilabel", facts, table=table, warnings=[nasty]))
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert not re.search(r"<b>|<em>|<a ", html)
    assert html.count("&lt;b&gt;|*x*_y_ `t` [l](http://x) $z$") >= 8

"""Metrics, goals and methods in words that need no glossary."""

from __future__ import annotations

from collections.abc import Mapping

from platform_core.registry.card.model import ModelCard
from platform_core.registry.card.numbers import digits, round_share, share

_TITLES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro-F1",
    "micro_f1": "Micro-F1",
    "mcc": "Matthews correlation",
    "qwk": "Quadratic weighted kappa (qwk)",
    "auroc": "ROC-AUC",
    "average_precision": "Average precision",
    "recall@fpr": "Recall at {} false alerts",
    "recall@alert": "Recall at {} alerts",
    "cost_saved": "Cost saved",
    "top_k_accuracy": "Right class among the first {}",
    "coverage": "Coverage",
    "risk": "Wrong among given answers",
    "undertriage": "Under-triage",
    "undertriage@overtriage": "Under-triage at {} over-triage",
    "brier": "Brier score",
    "ece": "Calibration error",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
    "recall": "Recall",
    "precision": "Precision",
    "fpr": "False alerts",
    "alert_rate": "Alerts",
}
_MEANINGS = {
    "accuracy": "share of answers that are right",
    "balanced_accuracy": "share of each class that is found, every class counting the same",
    "macro_f1": "precision and recall in one number, every class counting the same; 1 is best",
    "micro_f1": "precision and recall in one number, over all answers together; 1 is best",
    "mcc": "agreement beyond chance: 0 is guessing, 1 is perfect",
    "qwk": "agreement beyond chance, where missing by two levels counts four times as much as by one; 1 is perfect",
    "auroc": "chance that an example of a class gets a higher score for it than one of another; 0.5 is guessing",
    "average_precision": "precision, averaged while the threshold falls until all of a class is found; 1 is best",
    "recall@fpr": "share that is found where at most {} of the others are alerted",
    "recall@alert": "share that is found where at most {} of all examples are alerted",
    "cost_saved": "share of the cost that is saved, against the better of alerting always and never; 100 % is best",
    "top_k_accuracy": "share of examples whose class is among the {} most probable ones; 100 % is best",
    "coverage": "share of the examples that get an answer and are not left to a person",
    "risk": "share of the answers that are given, not left to a person, that is wrong; 0 is best",
    "undertriage": "share of the examples judged milder than they are; 0 is best",
    "undertriage@overtriage": "least share judged too mild where at most {} are judged too severe; 0 is best",
    "brier": "squared distance of the probabilities to the truth; 0 is best",
    "ece": "how far confidence is from the share of right answers, on average; 0 is best",
    "mae": "how far predictions are off, on average; 0 is best",
    "rmse": "how far predictions are off, large errors counting more; 0 is best",
    "r2": "share of the variance that is explained; 0 is no better than always answering the mean, 1 is perfect",
    "recall": "share of the class looked for that is found",
    "precision": "share of the alerts that is right",
    "fpr": "share of the others that is alerted",
    "alert_rate": "share of all examples that is alerted",
}
_MEANINGS_OF: Mapping[tuple[str, str], str] = {
    ("binary", "auroc"): "chance that an example of the class looked for outranks another; 0.5 is guessing",
    ("binary", "average_precision"): (
        "precision, averaged while the threshold falls until all are found; guessing gives the share of the class"
    ),
    ("ordinal", "balanced_accuracy"): "share of each level that is judged right, every level counting the same",
    ("ordinal", "macro_f1"): "precision and recall in one number, every level counting the same; 1 is best",
    ("ordinal", "auroc"): "chance that an example of a level gets a higher score for it than one of another",
    ("ordinal", "mae"): "how many levels the answers are off, on average; 0 is best",
    ("multilabel", "accuracy"): "share of examples whose whole set of labels is right",
    ("multilabel", "macro_f1"): "precision and recall in one number, every label counting the same; 1 is best",
    ("multilabel", "micro_f1"): "precision and recall in one number, over all labels given and due; 1 is best",
    ("multilabel", "auroc"): "chance that an example with a label gets a higher score for it than one without",
    ("multilabel", "average_precision"): (
        "precision, averaged while the threshold falls until all of a label is found; 1 is best"
    ),
    ("multilabel", "ece"): "how far the probability of a label is from the share that has it, on average; 0 is best",
}
_LEADING = {
    "binary": ("average_precision", "auroc"),
    "multiclass": ("macro_f1", "accuracy"),
    "ordinal": ("undertriage@overtriage=0.3", "undertriage", "qwk", "coverage", "risk", "accuracy"),
    "multilabel": ("micro_f1", "macro_f1"),
    "regression": ("mae", "rmse", "r2"),
}
_COUNTED = {"top_k_accuracy"}
_SHARES = {
    "accuracy",
    "balanced_accuracy",
    "ece",
    "recall@fpr",
    "recall@alert",
    "cost_saved",
    "top_k_accuracy",
    "coverage",
    "risk",
    "undertriage",
    "undertriage@overtriage",
    "recall",
    "precision",
    "fpr",
    "alert_rate",
}
CAPTIONS = {
    "confusion_matrix": "Confusion matrix: true classes in rows, predictions in columns",
    "labels": "Precision and recall of each label",
    "ranking": "ROC and precision-recall curve, with the operating point",
    "thresholds": "What other thresholds would do",
    "predicted_true": "Predictions against the truth",
    "residuals": "How often predictions are off by how much",
    "reliability": "Confidence against the share of right answers",
    "risk_coverage": "Wrong answers among the surest ones, against how many of them are given",
    "slices": "The same measure part by part",
    "training_curve": "Training loss and validation score by epoch",
}
MEMBERS = {
    "lightgbm": "LightGBM's boosted trees",
    "linear": "a regularised linear probe",
    "network": "the solution's head, trained by gradients",
}


def title_of(name: str) -> str:
    """Return what people call the metric ``name``; the name itself where it is a plugin's own."""
    base, _, value = name.partition("=")
    return _TITLES[base].format(_stated(base, value)) if base in _TITLES else name


def meaning_of(name: str, task: str) -> str:
    """Return what the metric ``name`` says of a model of ``task``; empty where it is a plugin's own."""
    base, _, value = name.partition("=")
    meaning = _MEANINGS_OF.get((task, base), _MEANINGS.get(base, ""))
    return meaning.format(_stated(base, value)) if meaning else ""


def measure(value: float, name: str, card: ModelCard) -> str:
    """Return the value of the metric ``name`` as people write it."""
    if name.partition("=")[0] in _SHARES:
        return share(value)
    return _with_unit(digits(value), card) if _has_unit(name, card) else f"{value:.3f}"


def interval(bounds: tuple[float, float], name: str, card: ModelCard) -> str:
    """Return an interval of the metric ``name`` as people write it."""
    low, high = bounds
    if name.partition("=")[0] in _SHARES:
        return f"{share(low).removesuffix(' %')} – {share(high)}"
    if _has_unit(name, card):
        return f"{digits(low)} – {_with_unit(digits(high), card)}"
    return f"{low:.3f} – {high:.3f}"


def gap(value: float, name: str, card: ModelCard) -> str:
    """Return a difference of the metric ``name`` as people write it."""
    if name.partition("=")[0] in _SHARES:
        return f"{100 * value:.1f} points"
    return measure(value, name, card)


def shown_metrics(card: ModelCard) -> list[str]:
    """Return the metrics of a card: those that matter most for its task first; none twice under two names."""
    leading = [name for name in _LEADING[card.task] if name in card.metrics]
    shown = leading + [name for name in card.metrics if name not in leading]
    if card.metrics.get("micro_f1") == card.metrics.get("accuracy"):
        shown = [name for name in shown if name != "micro_f1"]
    return shown


def goal_in_words(goal: str) -> str:
    """Return what a goal such as ``recall=0.95`` asks for, to stand after "so that"."""
    kind, _, value = goal.partition("=")
    match kind:
        case "recall":
            return f"at least {round_share(float(value))} are found, with as few alerts as that takes"
        case "precision":
            return f"at least {round_share(float(value))} of the alerts are right, and as many as possible are found"
        case "fbeta":
            return f"F{value}, in which recall counts {value} times as much as precision, is greatest"
        case "cost":
            false_alert, miss = (part.partition(":")[2] for part in value.split(","))
            return f"the cost is least, a false alert costing {false_alert} and a miss {miss}"
        case "alerts":
            most = round_share(_share_of(value))
            return f"at most {most} of all examples are alerted, and as many as possible are found"
        case _:
            return f"the goal {goal} is served"


def goal_value(goal: str) -> tuple[str, float, int] | None:
    """Return the rate that a goal bounds, its bound, and 1 where more is better, else -1; ``None`` without a bound."""
    kind, _, value = goal.partition("=")
    if kind == "alerts":
        return "alert_rate", _share_of(value), -1
    return (kind, float(value), 1) if kind in ("recall", "precision") else None


def settled_on(card: ModelCard) -> str:
    """Return the part of the data that calibration, thresholds and blend were chosen on."""
    return "out_of_fold" if _folds(card) > 1 else "validation"


def part_name(part: str) -> str:
    """Return a part of the data, to stand after "on"; ``out_of_fold`` is no split."""
    return "out-of-fold answers" if part == "out_of_fold" else f"the {part} split"


def part_examples(part: str) -> str:
    """Return a part of the data, to stand after "examples of"."""
    return "the training and validation splits, answered out of fold" if part == "out_of_fold" else part_name(part)


def learned(card: ModelCard) -> str:
    """Return what was learned, to stand after "Learned: "."""
    table = "the network that reads the table" if card.table else ""
    match card.method:
        case "head" if card.encoder:
            parts = [table, "the head"] if table else ["the head alone"]
            return f"{_and(parts)}; the encoder stayed as it was"
        case "lora" if card.encoder:
            return _and(["a low-rank delta (LoRA) on the encoder", table, "the head"])
        case "full" if card.encoder:
            return _and(["all weights of the encoder", table, "the head"])
        case "fit":
            source = [name for name, there in (("the encoder", card.encoder), ("the table", card.table)) if there]
            return f"{_fitted(card)}, on features of {_and(source)}" if source else _fitted(card)
        case _:
            return _and([table, "the head"])


def _fitted(card: ModelCard) -> str:
    folds = _folds(card)
    bagged = f"; {folds} of each, every one without another part of the rows" if folds > 1 else ""
    if len(card.members) > 1:
        shares = [f" ({share(card.blend[name])})" if name in card.blend else "" for name in card.members]
        parts = [MEMBERS.get(name, name) + text for name, text in zip(card.members, shares, strict=True)]
        how = "weighted on the validation split" if card.data.splits.get("validation") else "all counting the same"
        if folds > 1:
            how = "weighted on out-of-fold scores"
        return f"a blend of {_and(parts)}, {how}{bagged}"
    single = MEMBERS.get(card.members[0], card.members[0]) if card.members else "the head, in closed form"
    return single + bagged


def _folds(card: ModelCard) -> int:
    return int(str(card.recipe.get("folds", 1))) if card.method == "fit" else 1


def _and(parts: list[str]) -> str:
    parts = [part for part in parts if part]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _has_unit(name: str, card: ModelCard) -> bool:
    return card.task == "regression" and name in ("mae", "rmse")


def _with_unit(text: str, card: ModelCard) -> str:
    return f"{text} {card.unit}".strip()


def _stated(base: str, value: str) -> str:
    if not value:
        return ""
    return value if base in _COUNTED else round_share(float(value))


def _share_of(text: str) -> float:
    return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)

"""``README.md`` of an export: how to use it without Verticore, as a program that runs."""

from __future__ import annotations

from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import Decision, Solution, Task, Text, field_markers

_HEAD = """\
# {title} as an ONNX graph

This is `{parent}` of the solution `{solution}`, as ONNX in {precision}. The folder is all that is needed:
`model.onnx` computes, `model.json` says the rest ({holds}).
Verticore itself reads it as any other version. Without Verticore, with `pip install {packages}`:

```python
{program}
```
{missing}"""

_MISSING = """
**The graph is the model alone.** Without Verticore, {parts}.
"""

_START = """\
import json
from pathlib import Path

import numpy as np
import onnxruntime
{imports}
folder = Path(__file__).parent  # where model.onnx is
spec = json.loads((folder / "model.json").read_text("utf-8"))
session = onnxruntime.InferenceSession(folder / "model.onnx")
inputs = {{}}
"""

_TEXT = """
texts = ["A text.", "Another, longer text."]{joined}
encoded = Tokenizer.from_file(str(folder / "tokenizer.json")).encode_batch(texts)
inputs["input_ids"] = np.array([e.ids for e in encoded], np.int64)
inputs["attention_mask"] = np.array([e.attention_mask for e in encoded], np.int64)
"""

_TABLE = """
rows = {rows}  # a column that is None or left out is missing
name = lambda column: column["place"]["column"] or column["place"]["field"]
columns = spec["table"]["columns"]
"""

_NUMBERS = """\
cells = [[row.get(name(c)) for c in columns["numbers"]] for row in rows]
inputs["numbers"] = np.array(cells, np.float64)  # None becomes NaN
"""

_BOUNDS = """\
low, high = (np.array([c.get(end) for c in columns["numbers"]], np.float64) for end in ("low", "high"))
inputs["numbers"][(inputs["numbers"] < low) | (inputs["numbers"] > high)] = np.nan  # what cannot be is missing
"""

_CATEGORIES = """\
codes = [(name(c), {value: code for code, value in enumerate(c["values"], 2)}) for c in columns["categories"]]
cells = [[0 if row.get(n) is None else known.get(str(row[n]), 1) for n, known in codes] for row in rows]
inputs["categories"] = np.array(cells, np.int64)  # 0 is missing, 1 unseen
"""

_RUN = """
(scores,) = session.run(["scores"], inputs)  # before calibration
"""

_TEMPERED = """\
powers = np.clip(scores, 1e-12, 1) ** (1 / spec["calibration"]["temperature"])
scores = powers / powers.sum(-1, keepdims=True)
"""

_TEMPERED_LABELS = """\
odds = (np.clip(1 - scores, 1e-12, 1) / np.clip(scores, 1e-12, 1)) ** (1 / spec["calibration"]["temperature"])
scores = 1 / (1 + odds)
"""

_ISOTONIC = """\
line = spec["calibration"]
positive = np.interp(scores[:, line["column"]], line["x"], line["y"])
scores = np.stack((1 - positive, positive) if line["column"] else (positive, 1 - positive), -1)
"""

_LABELS = """
labels, decision = spec["head"]["labels"], spec["decision"]
"""

_MOST_PROBABLE = """\
chosen = scores.argmax(-1)
"""

_WEIGHTED = """\
weights = [decision["shares"].get(label, 1) ** -decision["rarity"] for label in labels]  # favour rare classes
chosen = (scores * weights).argmax(-1)
"""

_ALERT = """\
alerted, limit = next((labels.index(label), limit) for label, limit in decision["thresholds"].items())
chosen = np.where(scores[:, alerted] >= limit, alerted, 1 - alerted)
"""

_LEVEL = """\
reached = scores.cumsum(-1) >= 0.5  # the median level
reached[:, -1] = True
chosen = reached.argmax(-1)
"""

_ANSWER = """\
answers = [labels[i] for i in chosen]
"""

_SET = """\
given = scores >= [decision["thresholds"].get(label, 0.5) for label in labels]
answers = [[label for label, is_given in zip(labels, row) if is_given] for row in given]
"""

_PRINTED = """\
for answer, row in zip(answers, scores):
    print(answer, dict(zip(labels, row.tolist())))
"""

_WITHHELD = """\
sure = {confidence} >= decision["abstain_below"]
for answer, row, is_sure in zip(answers, scores, sure):
    print(answer if is_sure else "a person is to decide", dict(zip(labels, row.tolist())))
"""

_VALUES = """\
answers = scores[:, 0].tolist()  # in the unit of the target
print(answers)
"""


def readme(spec: ModelSpec, solution: Solution) -> str:
    """Return the text for an export with ``spec``.

    Args:
        spec: what it is.
        solution: for the words, and the names of its fields.
    """
    assert spec.export is not None
    holds = ["labels", "calibration", "thresholds", "the mapping of columns"]
    packages = ["numpy", "onnxruntime"]
    if spec.encoder is not None:
        holds.append("the encoder")
        packages.append("tokenizers")
    if spec.table is not None:
        holds.append("the table's columns")
    imports = "from tokenizers import Tokenizer\n" if spec.encoder is not None else ""
    program = _START.format(imports=imports) + _inputs(spec, solution) + _RUN + _calibration(spec) + _answers(spec)
    return _HEAD.format(
        title=solution.title,
        solution=solution.id,
        parent=spec.export.parent,
        precision=spec.export.precision,
        holds=", ".join(holds),
        packages=" ".join(packages),
        program=program.strip(),
        missing=_missing(solution),
    )


def _missing(solution: Solution) -> str:
    """Return what Verticore does around a model of ``solution`` and the program does not."""
    parts = {
        "the solution's rules raise no answer and make no remark": solution.review,
        "nobody computes the columns that the solution derives": solution.derive,
        "nobody masks texts before they are read": solution.masker,
    }
    left = [part for part, there in parts.items() if there is not None]
    return _MISSING.format(parts="; ".join(left)) if left else ""


def _inputs(spec: ModelSpec, solution: Solution) -> str:
    program = _TEXT.format(joined=_joined(solution)) if spec.encoder is not None else ""
    if spec.table is not None:
        columns = spec.table.columns
        row: dict[str, object] = {c.place.name: round(c.center, 6) for c in columns.numbers}
        row |= {c.place.name: c.values[0] for c in columns.categories if c.values}
        count = 1 if spec.encoder is None else 2
        program += _TABLE.format(rows=f"[{row!r}]" + (f" * {count}" if count > 1 else ""))
        program += _NUMBERS if columns.numbers else ""
        program += _BOUNDS if any(c.low is not None or c.high is not None for c in columns.numbers) else ""
        program += _CATEGORIES if columns.categories else ""
    return program


def _joined(solution: Solution) -> str:
    """Return a comment on how several fields become one text; nothing of a single one."""
    names = [name for name, marker in field_markers(solution.example).items() if isinstance(marker, Text)]
    return f"  # each: {', '.join(names)}, one a line" if len(names) > 1 else ""


def _calibration(spec: ModelSpec) -> str:
    match spec.calibration.method, spec.head.task:
        case _, "regression":
            return ""
        case "temperature", "multilabel":
            return _TEMPERED_LABELS
        case "temperature", _:
            return _TEMPERED
        case "isotonic", _:
            return _ISOTONIC
        case _:
            return ""


def _answers(spec: ModelSpec) -> str:
    """Return how scores become answers: by the same rules as heads decode."""
    task, decision = spec.head.task, spec.decision
    if task == "regression":
        return _VALUES
    if task == "multilabel":
        chosen, confidence = _SET, "np.maximum(scores, 1 - scores).min(-1)"
    else:
        chosen, confidence = _rule(task, decision) + _ANSWER, "scores[np.arange(len(scores)), chosen]"
    said = _PRINTED if decision.abstain_below is None else _WITHHELD.format(confidence=confidence)
    return _LABELS + chosen + said


def _rule(task: Task, decision: Decision) -> str:
    """Return how one of several labels or levels is chosen."""
    if task == "ordinal":
        return _LEVEL
    if decision.thresholds:
        return _ALERT
    return _WEIGHTED if decision.rarity else _MOST_PROBABLE

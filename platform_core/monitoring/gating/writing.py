"""Reports of the gate for people: Markdown, or the same as a page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape as escape_html
from pathlib import Path

from platform_core.monitoring.gating.policy import LEAST_MS, GateLimits
from platform_core.monitoring.gating.report import GateReport
from platform_core.registry.card.text import markdown_environment
from platform_core.sdk import StorageFull, UsageError

QUESTIONS: Mapping[str, str] = {
    "test": "Is it as good on examples that were held out?",
    "feedback": "Is it as good on what people said since?",
    "slices": "Is it nowhere worse?",
    "calibration": "Is its confidence as close to the truth?",
    "latency": "Does it answer as quickly?",
    "plugins": "Does no plugin object?",
}
"""What each check asks."""

_LOSS = (
    "What counts is how wrong the answers are on average: the share of wrong ones, of levels the distance, of sets the "
    "share of wrong labels, of numbers the distance. All parts are judged together (Holm)."
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c;
background: #fff; }}
table {{ border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid #d0d0d0; padding: .3rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: #f3f3f3; }}
code {{ background: #f3f3f3; padding: 0 .2rem; }}
blockquote {{ border-left: 4px solid #c28a00; margin: 1rem 0; padding: .1rem 1rem; background: #fff8e6; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def writer_of(file: Path) -> Callable[[GateReport], None]:
    """Return what writes a report to ``file``, in the format that its name tells.

    Raises:
        UsageError: its name tells none, or its folder does not exist.
    """
    formats: Mapping[str, Callable[[GateReport], str]] = {
        ".md": as_markdown,
        ".html": as_page,
        ".json": lambda report: json.dumps(report.to_dict(), indent=2) + "\n",
    }
    make = formats.get(file.suffix.lower())
    if make is None:
        hint = f"end it in {', '.join(formats)}"
        raise UsageError(f"the name {file.name!r} tells no format", where="--output", hint=hint)
    if not file.parent.is_dir():
        raise UsageError("the folder of the output does not exist", where=str(file.parent))

    def write(report: GateReport) -> None:
        part = file.with_name(f".{file.name}.part")
        try:
            part.write_text(make(report), encoding="utf-8")
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise StorageFull(f"the report could not be written: {error}", where=str(file)) from error

    return write


def as_markdown(report: GateReport) -> str:
    """Return the report as Markdown."""
    template = markdown_environment("platform_core.monitoring.gating").get_template("gate.md.j2")
    text = template.render(report=report, questions=QUESTIONS, loss=_LOSS, limits=_in_words(report.limits))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def as_page(report: GateReport) -> str:
    """Return the report as one HTML page that needs no other file."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(as_markdown(report))
    title = escape_html(f"{report.candidate} against {report.present}")
    return _PAGE.format(title=title, body=body)


def _in_words(limits: GateLimits) -> dict[str, str]:
    """Return what was accepted, by what it is about."""
    aim = "better beyond chance" if limits.better else "not worse beyond chance"
    return {
        "Primary metric": f"{aim}, and no loss above {limits.max_loss:g} as it was seen "
        "(of errors in units: as a share of the present value)",
        "Chance": f"p below {limits.significance:g} is no chance",
        "Examples that were held out": f"{limits.min_examples:,} at least",
        "Feedback": f"judged from {limits.min_feedback:,} examples on",
        "Calibration error": f"greater by {limits.max_calibration_loss:g} at most, unless by chance",
        "Time of one answer": f"{limits.max_slowdown:g} times as long at most, or {LEAST_MS:g} ms longer",
    }

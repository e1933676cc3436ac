"""JSON of files: parsed, or what is wrong with it in words for people."""

from __future__ import annotations

import json
import re
from typing import Any

_PROBLEMS = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Extra data": "there is more after the end of the value",
    "Invalid control character at": "a text holds a line end or another control character that is not escaped",
    "Invalid \\escape": "a text holds a backslash that begins no escape",
    "Invalid \\uXXXX escape": "an escape \\u lacks its four digits",
}
"""Message of :mod:`json` → what it means."""

_UNFINISHED_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{0,4})?\Z")
_LITERALS = ("true", "false", "null", "-1")


class DamagedJson(ValueError):
    """The text is no JSON; the message says what is wrong, with line and column, the hint what to do."""

    def __init__(self, message: str, hint: str = "correct it there, or export the file again") -> None:
        super().__init__(message)
        self.hint = hint


def parse_json(text: str, *, line: int | None = None, strict: bool = False) -> Any:
    """Return the value that ``text`` holds.

    Args:
        text: one JSON value.
        line: number of the line that ``text`` is, in a file with a value per line.
        strict: refuse ``NaN`` and ``Infinity``, which JSON does not know.

    Raises:
        DamagedJson: it is cut off or damaged.
    """
    place = f"malformed JSON in line {line}" if line else "malformed JSON"
    try:
        return json.loads(text, parse_constant=_refuse if strict else None)
    except json.JSONDecodeError as error:
        raise _explained(error, text, line) from None
    except DamagedJson as error:
        raise DamagedJson(f"{place}: {error}") from None
    except RecursionError:
        raise DamagedJson(f"{place}: lists or objects are nested too deeply") from None
    except ValueError:
        raise DamagedJson(f"{place}: a number has too many digits") from None


def _explained(error: json.JSONDecodeError, text: str, line: int | None) -> DamagedJson:
    if _is_cut_off(error, text.rstrip()):
        last = text.rstrip().rpartition("\n")[2]
        number = line or text.rstrip().count("\n") + 1
        what = "the line" if line else "the file"
        return DamagedJson(
            f"{what} is cut off: its JSON breaks off at line {number}, column {len(last) + 1}",
            hint="copy or export the file again, its end is missing",
        )
    problem = _PROBLEMS.get(error.msg.removesuffix(":"), "it cannot be read")
    return DamagedJson(f"malformed JSON at line {line or error.lineno}, column {error.colno}: {problem}")


def _is_cut_off(error: json.JSONDecodeError, text: str) -> bool:
    rest = text[error.pos :]
    if error.msg.startswith("Expecting value"):
        return any(literal.startswith(rest) for literal in _LITERALS)
    return not rest or error.msg.startswith("Unterminated string") or _UNFINISHED_ESCAPE.search(text) is not None


def _refuse(name: str) -> float:
    raise DamagedJson(f"{name} is no JSON number")

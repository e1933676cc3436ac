"""Where the ``verticore`` command begins and ends: arguments in, exit code out, every error explained."""

from __future__ import annotations

import difflib
import errno
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

FOREIGN_CODES = {
    "usage.invalid": "The words of the command line are not a command of ours.",
    "run.interrupted": "Stopped from the keyboard.",
    "storage.full": "The disk has no room.",
    "system.denied": "The operating system refused access to a file.",
    "system.failed": "The operating system failed; the log has the details.",
    "internal.unexpected": "A defect of Verticore or of a plugin; please report it.",
}
"""Codes of errors that are no :class:`VerticoreError`, with their meaning."""


def main() -> None:
    """Run the command line with the arguments of this process."""
    # Threads that wait by spinning starve each other as soon as another process wants a core: a step of a small model
    # then takes twenty times as long. A short spin costs nothing measurable on a quiet machine.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: the words after ``verticore``.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage or bad input, 130 interrupted by the keyboard.
    """
    from platform_core.cli.registry import click_command

    words = list(arguments) or ["--help"]
    try:
        outcome = click_command().main(args=words, prog_name="verticore", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away (`verticore … | head`); the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except KeyboardInterrupt:
        return _tell({"code": "run.interrupted", "message": "stopped from the keyboard"}, words, EXIT_INTERRUPTED)
    except Exception as error:
        return _explain(error, words)
    return outcome if isinstance(outcome, int) else 0


def _explain(error: Exception, words: Sequence[str]) -> int:
    from platform_core.cli import log
    from platform_core.sdk.errors import VerticoreError

    if hasattr(error, "format_message"):
        return _explain_usage(error, words)
    if type(error).__name__ == "Abort":
        return _tell({"code": "run.interrupted", "message": "stopped"}, words, EXIT_FAILED)
    if isinstance(error, VerticoreError):
        facts, exit_code = error.to_dict(), error.exit_code
    else:
        facts, exit_code = _describe_foreign(error)
    file = log.record(error, words, _home_of(words))
    if file is not None:
        facts["log"] = str(file)
    if "--debug" in words:
        import traceback

        error.__suppress_context__ = False  # what logs must not quote, people may see on their own screen
        traceback.print_exception(error, file=sys.stderr)
    return _tell(facts, words, exit_code)


def _explain_usage(error: Any, words: Sequence[str]) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return EXIT_USAGE  # a group without a command: its help was printed
    message = error.format_message().strip().rstrip(".").replace(": Value error, ", ": ")
    facts = {"code": "usage.invalid", "message": message}
    if context is not None:
        hint = _nearest_choice(message) or f"see '{context.command_path} --help'"
        facts |= {"where": context.command_path, "hint": hint}
    return _tell(facts, words, EXIT_USAGE)


def _nearest_choice(message: str) -> str | None:
    """Return advice where ``message`` says that a word is none of the choices, and it is nearly one."""
    found = re.search(r": '(.*)' is not one of (.+)", message)
    if found is None:
        return None
    nearest = difflib.get_close_matches(found[1], re.findall(r"'([^']*)'", found[2]), n=1)
    return f"did you mean {nearest[0]!r}?" if nearest else None


def _describe_foreign(error: Exception) -> tuple[dict[str, Any], int]:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        hint = "free some space or choose another folder with --home"
        return _facts("storage.full", "there is no room to write", _place(error), hint), EXIT_USAGE
    if isinstance(error, PermissionError):
        hint = "check who owns it, or choose another folder with --home"
        return _facts("system.denied", "the operating system refused access", _place(error), hint), EXIT_FAILED
    if isinstance(error, OSError):
        hint = "the log has the details"
        return _facts("system.failed", error.strerror or str(error), _place(error), hint), EXIT_FAILED
    message = f"{type(error).__name__}: {error}"
    hint = "this is a defect of Verticore or of a plugin; --debug shows where, please report it"
    return {"code": "internal.unexpected", "message": message, "hint": hint}, EXIT_FAILED


def _facts(code: str, message: str, where: str, hint: str) -> dict[str, Any]:
    return {"code": code, "message": message, "where": where, "hint": hint}


def _place(error: OSError) -> str:
    return str(error.filename) if error.filename else "this machine"


def _tell(facts: dict[str, Any], words: Sequence[str], exit_code: int) -> int:
    """Print the error for people on stderr and, where ``--json`` was asked for, as the last object of stdout."""
    place = f", at {facts['where']}" if facts.get("where") else ""
    remedy = f", {facts['hint']}" if facts.get("hint") else ""
    text = f"{facts['code']}: {facts['message']}{place}{remedy}"
    if sys.stderr.isatty():
        text = f"\x1b[31m{text}\x1b[0m"
    print(text, file=sys.stderr)  # noqa: T201
    if "log" in facts:
        print(f"log: {facts['log']}", file=sys.stderr)  # noqa: T201
    if "--json" in words:
        print(json.dumps({"error": facts}, default=str))  # noqa: T201
    return exit_code


def _home_of(words: Sequence[str]) -> Path:
    """Tell the workspace that the words name, without settings: those may be what is wrong."""
    for here, following in zip(words, [*words[1:], ""], strict=True):
        if here == "--home":
            return Path(following)
        if here.startswith("--home="):
            return Path(here.removeprefix("--home="))
    return Path(os.environ.get("VERTICORE_HOME", ".verticore"))

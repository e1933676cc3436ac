"""Write ``docs/reference/`` from the code: commands, settings, manifest, hooks, recipes, errors, HTTP API.

Usage: python scripts/generate_reference.py [--check]

With ``--check`` nothing is written; the exit code is 1 when a committed page differs from the code.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/generate_reference.py from the code: `make docs`. Do not edit. -->\n"


def main() -> None:
    """Write or compare the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    different = [name for name, text in pages().items() if not _is_written(name, text)]
    if check:
        sys.exit(f"run 'make docs': {', '.join(different)} differ from the code" if different else 0)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in different:
        (TARGET / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")


def pages() -> dict[str, str]:
    """Return file name → text of every page."""
    makers: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
        "cli.md": ("Command line", _cli),
        "settings.md": ("Settings", _settings),
        "recipes.md": ("Recipes", _recipes),
        "manifest.md": ("Manifest", _manifest),
        "hooks.md": ("Hooks and events", _hooks),
        "errors.md": ("Errors", _errors),
        "rest.md": ("HTTP API", _rest),
    }
    found = {name: _page(title, make()) for name, (title, make) in makers.items()}
    links = (f"- [{title}]({name})" for name, (title, _) in makers.items())
    measured = ["- [Benchmarks](benchmarks.md), measured"] if (TARGET / "benchmarks.md").is_file() else []
    return found | {"README.md": _page("Reference", ["\n".join([*links, *measured])])}


def _is_written(name: str, text: str) -> bool:
    file = TARGET / name
    return file.is_file() and file.read_text(encoding="utf-8") == text


def _page(title: str, parts: Sequence[str] | Iterator[str]) -> str:
    body = "\n\n".join(part.strip("\n") for part in parts)
    return f"{NOTE}\n# {title}\n\n{body}\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")


# Command line


def _cli() -> Iterator[str]:
    from platform_core.cli.registry import click_command

    root = click_command()
    yield (
        "Exit codes: 0 done, 1 failed, 2 usage or bad input, 130 stopped from the keyboard. Every command takes "
        "`--json`, `--home`, `--debug` and `--help`. With `--json` the last line of stdout is one object: the result, "
        'or `{"error": {"code", "message", "where", "hint", "log"}}`.'
    )
    yield from _commands(root, "verticore")


def _commands(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        full = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, full)
            continue
        yield f"## {full}\n\n{command.help}"
        own = [p for p in command.params if p.name not in ("home", "json_output", "debug", "help")]
        if own:
            yield _table(("", "", "default"), [_parameter(p) for p in own])
        examples = [line.removeprefix("$ ") for line in command.epilog.split("\n\n")[1:]]
        yield "```sh\n" + "\n".join(examples) + "\n```"


def _parameter(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar or parameter.name.upper()}`"
    else:
        words = f" {parameter.metavar}" if parameter.metavar else ""
        name = f"`{parameter.opts[0]}{words}`"
    default = parameter.default
    shown = "required" if parameter.required else "" if default in (None, False) else f"`{_plain(default)}`"
    return name, parameter.help or "", shown


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))


# Settings


def _settings() -> Iterator[str]:
    from platform_core import settings

    yield inspect.cleandoc(settings.__doc__ or "").replace("``", "`")
    rows = []
    for name, field in settings.Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append((f"`{name}`", f"`VERTICORE_{name.upper()}`", default, field.description or ""))
    yield _table(("in verticore.toml", "environment", "default", ""), rows)


# Recipes and manifest


def _recipes() -> Iterator[str]:
    from platform_core.sdk import Recipe

    yield "The hyper-parameters of a fine-tune. A solution has defaults of its own per method; `--set name=value` wins."
    yield _fields(Recipe)


def _manifest() -> Iterator[str]:
    from platform_core.sdk import manifest

    yield "`plugin.toml`, in the folder of the plugin's import package. It is read without importing the plugin."
    yield _fields(manifest.Manifest)
    for part, place in (
        (manifest.SolutionEntry, "[[solutions]]"),
        (manifest.OperationEntry, "[[operations]]"),
        (manifest.Licences, "[licences]"),
    ):
        yield f"## {place}\n\n{_first_line(part)}"
        yield _fields(part)


def _fields(model: type[BaseModel]) -> str:
    rows = []
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default!r}`"
        rows.append((f"`{name}`", _type_name(field.annotation), default, field.description or ""))
    return _table(("field", "type", "default", ""), rows)


def _type_name(annotation: Any) -> str:
    if isinstance(annotation, type) and not get_args(annotation):
        return f"`{annotation.__name__}`"
    shown = str(annotation).replace("typing.", "").replace("Literal", "")
    return "`" + shown.replace("platform_core.sdk.manifest.", "").replace("NoneType", "None") + "`"


# Hooks


def _hooks() -> Iterator[str]:
    from platform_core.sdk import events, hookspecs

    yield _markdown(inspect.cleandoc(hookspecs.__doc__ or ""))
    for name, function in vars(hookspecs).items():
        if hasattr(function, f"{hookspecs.PROJECT}_spec"):
            yield f"## {name}\n\n```python\n{name}{_signature(function)}\n```"
            yield _markdown(inspect.getdoc(function) or "")
    yield "# Events\n\n" + _first_line(events)
    for name, kind in vars(events).items():
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            yield f"## {name}\n\n{_first_line(kind)}"
            yield _table(("field", "type", ""), _attributes(kind))


def _signature(function: Callable[..., Any]) -> str:
    return str(inspect.signature(function)).replace("'", "")


def _attributes(kind: type) -> list[tuple[str, str, str]]:
    meanings: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        section = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")[2]
        for line in textwrap.dedent(section).splitlines():
            name, colon, meaning = line.partition(": ")
            if colon and not line.startswith(" "):
                meanings[name] = meaning
    return [(f"`{f.name}`", f"`{f.type}`", meanings.get(f.name, "")) for f in dataclasses.fields(kind)]


def _markdown(docstring: str) -> str:
    """Turn the few marks of our docstrings into Markdown."""
    lines: list[str] = []
    in_code = False
    for line in docstring.splitlines():
        indented = line.startswith("    ") and line.strip()
        if indented and not in_code:
            lines += ["```python"]
            in_code = True
        elif in_code and line.strip() and not indented:
            while lines and not lines[-1]:
                lines.pop()
            lines += ["```", ""]
            in_code = False
        lines.append(line[4:] if in_code and indented else _inline(line))
    if in_code:
        lines.append("```")
    return "\n".join(lines)


def _inline(line: str) -> str:
    line = line.replace(".. versionadded::", "Since SDK").replace(":class:", "").replace("``", "`")
    return line[:-1] if line.endswith("::") else line


# Errors


def _errors() -> Iterator[str]:
    import platform_core.api.problems
    import platform_core.app.workers
    import platform_core.cli.entry as entry
    import platform_core.cli.server_process
    import platform_core.client.client  # noqa: F401 — its error belongs in the table
    from platform_core.sdk import errors

    yield (
        "On the command line: `code: what, where, what to do`, and the log file's name. Over HTTP: a problem document "
        "(RFC 9457) with the same `code`. Codes are stable across releases."
    )
    rows = [
        (f"`{kind.code}`", f"`{kind.__name__}`", str(kind.exit_code), str(kind.status), _first_line(kind))
        for kind in _descendants(errors.VerticoreError)
        if kind.__module__.startswith("platform_core")
    ]
    yield _table(("code", "class", "exit code", "HTTP status", ""), sorted(set(rows)))
    yield "## Without a class\n\nWhat the operating system, the parser of the command line or a defect says."
    yield _table(("code", ""), [(f"`{code}`", meaning) for code, meaning in entry.FOREIGN_CODES.items()])


def _descendants(kind: type) -> Iterator[Any]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _first_line(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").split("\n\n")[0].replace("``", "`").replace("\n", " ")


# HTTP API


def _rest() -> Iterator[str]:
    from platform_core.api import create_app
    from platform_core.api.paths import operation_path
    from platform_core.platform import Platform

    with tempfile.TemporaryDirectory() as folder, Platform.open(Path(folder) / "home") as platform:
        document = create_app(platform).openapi()
        installed = {operation_path(entry.id) for entry in platform.plugins.operation_entries()}
    yield (
        "A running server describes itself at `/openapi.json`, there with one endpoint for each registered model "
        "and alias, with the request and response schemas of its solution, and one for each operation, with its own. "
        "Bodies are `application/json`."
    )
    for path, operations in document["paths"].items():
        if path in installed:
            continue
        for method, operation in operations.items():
            yield f"## {method.upper()} {path}\n\n{operation.get('description', '')}"
            yield from _operation(operation, document["components"]["schemas"])
    yield "## Problem\n\nWhat every error looks like, as `application/problem+json`. Codes: [errors](errors.md)."
    yield _schema_table(document["components"]["schemas"]["Problem"])


def _operation(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if parameters:
        yield _table(("parameter", ""), [(f"`{p['name']}`", p.get("description", "")) for p in parameters])
    if "requestBody" in operation:
        yield _described("Request", operation["requestBody"]["content"], schemas)
    yield _described("Response", operation["responses"]["200"].get("content", {}), schemas)


def _described(title: str, content: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return a body in words: the fields of JSON documents, the content types of others."""
    schema = content.get("application/json", {}).get("schema")
    if not schema:
        return f"{title}: {', '.join(f'`{kind}`' for kind in content) or 'empty'}"
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "properties" not in schema:
        return f"{title}: {schema.get('description', 'a JSON document')}"
    return f"{title}:\n\n{_schema_table(schema)}"


def _schema_table(schema: dict[str, Any]) -> str:
    rows = []
    for name, part in schema["properties"].items():
        needed = "" if name in schema.get("required", ()) else "optional"
        rows.append((f"`{name}`", f"`{_json_type(part)}`", needed, part.get("description", "")))
    return _table(("field", "type", "", ""), rows)


def _json_type(part: dict[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"].rpartition("/")[2])
    if "anyOf" in part:
        return " or ".join(map(_json_type, part["anyOf"]))
    if part.get("type") == "array":
        return f"array of {_json_type(part['items'])}"
    return str(part.get("type", "any"))


if __name__ == "__main__":
    main()

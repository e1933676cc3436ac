"""What ``verticore data inspect`` shows and writes."""

from __future__ import annotations

import shlex
from pathlib import Path

from platform_core.cli.door import Door, Json


def show_inspection(door: Door, found: Json) -> None:
    """Show adapter, columns, labels, duplicates and suspicions."""
    from platform_core.datasets.records import count_of

    skipped = f", {count_of(found['bad_rows'], 'row')} that cannot be used" if found["bad_rows"] else ""
    skipped += f", {count_of(found['unlabelled'], 'row')} without a label" if found["unlabelled"] else ""
    door.say(f"{count_of(found['rows'], 'row')} read by the adapter {found['adapter']}{skipped}", style="bold")
    if found["ignored_files"]:
        door.say(f"{count_of(len(found['ignored_files']), 'file')} ignored: {', '.join(found['ignored_files'][:5])}")
    door.table(
        ("column", "feeds", "type", "missing", "distinct", "examples"),
        [
            (c["name"], c["field"] or "", c["type"], c["missing"], c["distinct"], " | ".join(c["examples"]))
            for c in found["columns"]
        ],
    )
    if found["labels"]:
        door.table(("label", "rows"), list(found["labels"].items()))
    if found["target"]:
        door.table(("target", "value"), [(name, f"{value:,.4g}") for name, value in found["target"].items()])
    duplicates = found["duplicates"]
    door.say(
        f"duplicates: {duplicates['exact']:,} exact, {duplicates['near']:,} near; "
        f"{duplicates['conflicts']:,} inputs with different labels"
    )
    if found["suspects"]:
        door.table(("suspect", "as", "evidence"), [(s["column"], s["kind"], s["evidence"]) for s in found["suspects"]])
    door.warn(*found["warnings"])
    if "label" not in found["mapping"]:
        door.say("It cannot be told which column is the label; training needs one: --map label=COLUMN")


def training_command(solution: str, path: Path, mapping: Path, found: Json) -> str:
    """Return the command that trains on what was inspected, told the label and to skip rows where it would refuse."""
    words = ["verticore", "train", solution, "--data", str(path), "--mapping", str(mapping)]
    if "label" not in found["mapping"]:
        words += ["--map", "label=COLUMN"]
    if found["bad_rows"] or ("label" in found["mapping"] and found["unlabelled"]):
        words.append("--skip-bad")
    return shlex.join(words)


def write_mapping_file(file: Path, solution: str, found: Json, *, force: bool) -> bool:
    """Write the proposed mapping as TOML, for people to change and ``--mapping`` to read.

    Returns:
        Whether the file now holds the proposal; a file that differs is kept unless ``force``.
    """
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Which column feeds which field. Use it: --mapping FILE"))
    # A line break in a column's name would end the comment.
    names = (" ".join(column["name"].split()) for column in found["columns"])
    document.add(tomlkit.comment(f"Columns found: {', '.join(names)}"))
    document["solution"] = solution
    document["adapter"] = found["adapter"]
    document["columns"] = {
        field: columns if isinstance(columns, str) else list(columns) for field, columns in found["mapping"].items()
    }
    text = tomlkit.dumps(document)
    if file.exists() and not force:
        return file.read_text(encoding="utf-8") == text
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return True

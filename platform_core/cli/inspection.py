"""What ``verticore data inspect`` shows and writes."""

from __future__ import annotations

from pathlib import Path

from platform_core.cli.door import Door, Json


def write_mapping_file(file: Path, solution: str, found: Json, *, force: bool) -> bool:
    """Write the proposed mapping as TOML, for people to change and ``--mapping`` to read.

    Returns:
        Whether the file now holds the proposal; a file that differs is kept unless ``force``.
    """
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Which column feeds which field. Use it: --mapping FILE"))
    document.add(tomlkit.comment(f"Columns found: {', '.join(column['name'] for column in found['columns'])}"))
    document["solution"] = solution
    document["adapter"] = found["adapter"]
    document["columns"] = dict(found["mapping"])
    text = tomlkit.dumps(document)
    if file.exists() and not force:
        return file.read_text(encoding="utf-8") == text
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return True


def show_inspection(door: Door, found: Json) -> None:
    """Show columns, mapping and suspicions."""
    door.say(f"Read by the adapter {found['adapter']}, {found['rows']:,} rows", style="bold")

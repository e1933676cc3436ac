"""``verticore data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.commands import from_feedback
from platform_core.cli.door import Door, Json

HELP = "Datasets: look into files, import them, erase persons from them, get samples."

DataPath = Annotated[Path, typer.Argument(metavar="PATH", help="File or folder.")]
Solution = Annotated[str, typer.Argument(metavar="SOLUTION", help="Id of the solution, e.g. finance.sentiment.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(
        app,
        "inspect",
        examples=(
            "verticore data inspect news.csv --solution finance.sentiment",
            "verticore data inspect news.csv --solution finance.sentiment --output news.mapping.toml",
        ),
    )
    def inspect(
        door: Door,
        path: DataPath,
        solution: Annotated[str, typer.Option("--solution", metavar="ID", help="For which solution.")],
        adapter: options.Adapter = None,
        map_: options.Map = None,
        drop: options.Drop = None,
        keep: options.Keep = None,
        output: Annotated[
            Path | None, typer.Option("--output", metavar="FILE", help="Mapping file. Default: NAME.mapping.toml here.")
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Replace a mapping file that you changed.")] = False,
    ) -> Json:
        """Show what would be read: columns, mapping, duplicates, leaks; write a mapping file to change."""
        from platform_core.cli.inspection import show_inspection, training_command, write_mapping_file

        found = door.platform.datasets.inspect(
            solution,
            path,
            adapter=adapter,
            mapping=options.read_mapping(map_, None),
            drop=drop or (),
            keep=keep or (),
        ).to_dict()
        show_inspection(door, found)
        file = output or Path(f"{path.absolute().stem}.mapping.toml")
        written = write_mapping_file(file, solution, found, force=force)
        door.say(f"Mapping: {file}" + ("" if written else " (kept: it differs; --force replaces it)"))
        door.next_steps(training_command(solution, path, file, found))
        return found | {"mapping_file": file, "mapping_written": written}

    @command(
        app,
        "import",
        examples=(
            "verticore data import finance.sentiment news.csv",
            "verticore data import news.csv --solution finance.sentiment",
            "verticore data import finance.sentiment news.csv --map text=headline,label=tone --split 70/15/15",
            "verticore data import finance.sentiment train.csv --validation val.csv --test test.csv --name official",
        ),
    )
    def import_(
        door: Door,
        first: Annotated[str, typer.Argument(metavar="SOLUTION", help="Id of the solution; or --solution gives it.")],
        second: Annotated[Path | None, typer.Argument(metavar="PATH", help="File or folder.")] = None,
        solution: Annotated[
            str | None, typer.Option("--solution", metavar="ID", help="The solution, if not as the first word.")
        ] = None,
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        drop: options.Drop = None,
        keep: options.Keep = None,
        split: options.Split = None,
        seed: options.Seed = 0,
        group: options.Group = None,
        time: options.Time = None,
        validation: options.Validation = None,
        test: options.Test = None,
        positive: options.Positive = None,
        skip_bad: options.SkipBad = False,
        name: Annotated[str | None, typer.Option("--name", help="Name of the dataset.")] = None,
    ) -> Json:
        """Make an immutable dataset version of files; the same content and options give the same version."""
        solution, path = _solution_and_path(first, second, solution)
        adapter, columns = options.read_how(adapter, map_, mapping, solution=solution)
        with door.progress() as progress:
            info = door.platform.datasets.import_(
                solution,
                path,
                adapter=adapter,
                mapping=columns,
                drop=drop or (),
                keep=keep or (),
                split=split,
                seed=seed,
                group=group,
                time=time,
                validation=validation,
                test=test,
                positive=positive,
                skip_bad=skip_bad,
                name=name,
                progress=progress,
            )
        door.warn(*info.warnings)
        door.say(f"{info.ref}" + ("  (imported before: the same version)" if info.reused else ""), style="bold")
        door.say(f"{info.rows:,} examples read by the adapter {info.adapter}, digest {info.digest[:12]}")
        door.table(("split", "examples"), list(info.splits.items()))
        door.say(*info.notes)
        door.next_steps(f"verticore data show {info.ref}", f"verticore train {solution} --data {info.ref}")
        return info.to_dict()

    @command(app, "list", examples=("verticore data list",))
    def list_(door: Door) -> Json:
        """List all dataset versions."""
        datasets = door.platform.datasets.list()
        door.table(
            ("dataset", "solution", "examples", "splits", "adapter"),
            [(d.ref, d.solution, d.rows, d.splits, d.adapter) for d in datasets],
        )
        return {"datasets": [dataset.to_dict() for dataset in datasets]}

    @command(app, "show", examples=("verticore data show news:1",))
    def show(
        door: Door, dataset: Annotated[str, typer.Argument(metavar="DATASET[:VERSION]", help="Dataset version.")]
    ) -> Json:
        """Show a dataset version: splits, labels, mapping, statistics."""
        info = door.platform.datasets.resolve(dataset)
        door.say(f"{info.ref}  {info.solution}", style="bold")
        door.say(f"{info.rows:,} examples, adapter {info.adapter}, digest {info.digest}")
        columns = ((field, c if isinstance(c, str) else ", ".join(c)) for field, c in info.mapping.items())
        door.table(("field", "column"), list(columns))
        door.table(("split", "examples"), list(info.splits.items()))
        if info.labels:
            door.say(f"labels: {', '.join(info.labels)}")
        if info.erased:
            door.table(("erased on", "rows"), [(step["at"][:10], step["rows"]) for step in info.erased])
        door.say(*info.notes)
        door.warn(*info.warnings)
        return info.to_dict()

    @command(
        app,
        "erase",
        examples=(
            "verticore data erase --subject 4711 --dry-run",
            "verticore data erase --subject 4711",
            "verticore data erase --subject 4711 --solution medical.triage",
            "verticore data erase --subject - --yes --json < subject.txt",
        ),
    )
    def erase(
        door: Door,
        subject: Annotated[
            str,
            typer.Option("--subject", metavar="ID", help="The person, as in the files; '-': read from stdin."),
        ],
        solution: Annotated[
            str | None,
            typer.Option(
                "--solution",
                metavar="ID",
                help="Only from the data of this one: elsewhere the identity is another person.",
            ),
        ] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> Json:
        """Remove a person from every dataset version and cache; name the models that were trained on them."""
        from platform_core.cli.erasures import confirm, read_subject, show_erasure

        person = read_subject(subject)
        if not (dry_run or yes):
            show_erasure(door, door.platform.erase(person, solution=solution or "", dry_run=True))
            confirm(door)
        with door.progress() as progress:
            result = door.platform.erase(person, solution=solution or "", dry_run=dry_run, progress=progress)
        show_erasure(door, result)
        return result.to_dict()

    from_feedback.register(app)

    @command(
        app,
        "sample",
        examples=(
            "verticore data sample finance.sentiment",
            "verticore data sample finance.sentiment --output samples",
            "verticore data sample finance.monitor",
        ),
    )
    def sample(
        door: Door,
        solution: Annotated[str, typer.Argument(metavar="SOLUTION|OPERATION", help="Its id, e.g. finance.sentiment.")],
        output: Annotated[Path | None, typer.Option("--output", help="Folder. Default: sample-ID here.")] = None,
    ) -> Json:
        """Write the sample data of a solution or an operation into a folder."""
        from platform_core.cli.samples import write_sample

        if solution in {entry.id for entry in door.plugins.operation_entries()}:
            return _sample_of_operation(door, solution, output or Path(f"sample-{solution}"))
        spec = door.plugins.solution(solution)
        folder = output or Path(f"sample-{solution}")
        files = write_sample(spec, folder)
        door.say(spec.sample.description, *(f"  {file}" for file in files))
        door.next_steps(
            f"verticore data inspect {folder} --solution {solution}", f"verticore train {solution} --data {folder}"
        )
        return {"solution": solution, "folder": folder, "files": files, "description": spec.sample.description}


def _sample_of_operation(door: Door, operation: str, folder: Path) -> Json:
    from platform_core.cli.samples import write_operation_sample

    spec = door.plugins.operation(operation)
    files = write_operation_sample(spec, folder)
    door.say(f"Sample input of {operation}, made by its plugin", *(f"  {file}" for file in files))
    options = {"rows.jsonl": "--data", "input.json": "--input"}
    door.next_steps(" ".join((f"verticore run {operation}", *(f"{options[file.name]} {file}" for file in files))))
    return {"operation": operation, "folder": folder, "files": files}


def _solution_and_path(first: str, second: Path | None, solution: str | None) -> tuple[str, Path]:
    """Return the solution and the path: the solution is the first of two words, or an option beside the path.

    Raises:
        UsageError: one is missing, given twice, or in the other's place.
        FileMissing: one begins with ``~`` and somebody who is not known.
    """
    from platform_core.datasets.sources import expanded
    from platform_core.sdk.errors import UsageError

    if solution is not None and second is None:
        return solution, Path(first)
    path_first = expanded(first).exists()
    if solution is not None:
        fault, given = "the solution is given twice", f"{solution} {first if path_first else second}"
    elif second is None:
        fault = "the solution is missing" if path_first else "the file or folder is missing"
        given = f"SOLUTION {first}" if path_first else f"{first} PATH"
    elif path_first and not expanded(second).exists():
        fault, given = "the solution comes first", f"{second} {first}"
    else:
        return first, second
    hint = f"write: verticore data import {given}"
    raise UsageError(fault, where="verticore data import", hint=hint)

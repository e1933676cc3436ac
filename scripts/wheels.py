"""Build the wheels of the core and of every plugin into ``dist/``; with ``--wheelhouse``, gather all that they need.

Usage: python scripts/wheels.py [--output dist] [--wheelhouse wheelhouse]
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD_TOOLS = ("hatchling>=1.27", "editables>=0.5")


def main() -> None:
    """Build, and gather where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument("--wheelhouse", type=Path)
    options = parser.parse_args()
    wheels = build(options.output)
    print("\n".join(map(str, wheels)))
    if options.wheelhouse:
        gather(wheels, options.wheelhouse)
        print(f"{options.wheelhouse} holds everything for an installation without internet")


def build(output: Path) -> list[Path]:
    """Build one wheel per project with the environment's own build tool, so that it works offline.

    Args:
        output: folder for the wheels.

    Returns:
        The wheels, the core's first.
    """
    projects = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
    wheels = []
    for project in projects:
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(output), str(project)]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        if outcome.returncode:
            sys.exit(f"{project} does not build:\n{outcome.stdout}{outcome.stderr}")
        wheels.append(max(output.glob("*.whl"), key=lambda file: file.stat().st_mtime_ns))
    return wheels


def gather(wheels: list[Path], wheelhouse: Path) -> None:
    """Put our wheels and all that they and the development tools need into ``wheelhouse``."""
    wheelhouse.mkdir(parents=True, exist_ok=True)
    core, *plugins = map(str, wheels)
    words = [sys.executable, "-m", "pip", "wheel", "--wheel-dir", str(wheelhouse), "-c", str(ROOT / "constraints.txt")]
    words += [f"{core}[dev,testkit,text]", *plugins, *BUILD_TOOLS, *shlex.split(os.environ.get("PIP_ARGS", ""))]
    if subprocess.run(words, check=False).returncode:
        sys.exit("pip could not gather all wheels, see above")


if __name__ == "__main__":
    main()

"""Make ``.venv``: the core, every plugin in ``plugins/`` and the development tools. Standard library only.

What was installed is remembered as a hash of everything that decides it; when nothing of that changed, the script
is done at once. Environment:

PIP_ARGS     words for pip, e.g. ``--index-url …`` for a CPU-only torch
WHEELHOUSE   a folder of wheels: installs from it alone, without internet (see ``make wheelhouse``)
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "verticore-setup"
EXTRAS = "dev,testkit,text,multilingual,boosting,tune,export,tensorboard,mlflow"
OLDEST = (3, 11)


def main() -> None:
    """Install what is missing."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"Verticore needs Python 3.11 or later, this is {sys.version.split()[0]}: make setup PYTHON=python3.11"
        )
    plugins = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
    wanted = fingerprint(plugins)
    if STAMP.is_file() and STAMP.read_text() == wanted and python().exists():
        return
    started = time.monotonic()
    names = ", ".join(plugin.name for plugin in plugins) or "none"
    print(f"Setting up .venv (plugins: {names}); the first time takes some minutes.", flush=True)
    STAMP.unlink(missing_ok=True)
    if not python().exists():
        run([sys.executable, "-m", "venv", str(VENV)])
    editable = [words for plugin in plugins for words in ("-e", str(plugin))]
    run([*pip(), "-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}[{EXTRAS}]", *editable])
    STAMP.write_text(wanted)
    print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


def fingerprint(plugins: list[Path]) -> str:
    """Return the hash of all that decides what is installed."""
    digest = hashlib.sha256(f"{sys.version}\n{ROOT}\n{EXTRAS}\n{os.environ.get('PIP_ARGS', '')}\n".encode())
    for file in (ROOT / "pyproject.toml", ROOT / "constraints.txt", *(plugin / "pyproject.toml" for plugin in plugins)):
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def python() -> Path:
    """Return the environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pip() -> list[str]:
    """Return the words of ``pip install``."""
    words = [str(python()), "-m", "pip", "install", "--disable-pip-version-check"]
    if not sys.stdout.isatty():
        words.append("--quiet")
    wheelhouse = os.environ.get("WHEELHOUSE")
    if wheelhouse:
        words += ["--no-index", "--find-links", str(Path(wheelhouse).resolve())]
    return words + shlex.split(os.environ.get("PIP_ARGS", ""))


def run(words: list[str]) -> None:
    """Run a command; end with its exit code where it fails."""
    outcome = subprocess.run(words, cwd=ROOT, check=False)
    if outcome.returncode:
        sys.exit(f"failed: {shlex.join(words)}")


if __name__ == "__main__":
    main()

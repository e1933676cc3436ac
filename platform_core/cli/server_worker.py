"""One of the processes that serve: ``python -m platform_core.cli.server_worker SOCKET``, started by their parent."""

from __future__ import annotations

import os
import socket
import sys

from platform_core.app.server import run_server
from platform_core.app.workers import orphaned, tell_ready
from platform_core.cli import log
from platform_core.platform import Platform
from platform_core.rooms import WORKER_SETTINGS
from platform_core.sdk import VerticoreError
from platform_core.settings import Settings


def main() -> None:
    """Serve on the inherited socket until a signal, or until the parent is gone."""
    settings = Settings.model_validate_json(os.environ[WORKER_SETTINGS])
    log.follow(settings.home, settings.log_level)
    with Platform.open(settings=settings) as platform:
        try:
            run_server(platform, socket.socket(fileno=int(sys.argv[1])), announce=tell_ready, stop=orphaned())
        except VerticoreError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()

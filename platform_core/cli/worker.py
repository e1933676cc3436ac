"""A process that shares the work of a run: ``python -m platform_core.cli.worker RUN``, started by the leading one."""

from __future__ import annotations

import os
import sys

from platform_core.platform import Platform
from platform_core.rooms import WORKER_SETTINGS
from platform_core.sdk import VerticoreError
from platform_core.settings import Settings


def main() -> None:
    """Work until the run is trained; exit with 1 and one line if it cannot be."""
    settings = Settings.model_validate_json(os.environ[WORKER_SETTINGS])
    with Platform.open(settings=settings) as platform:
        try:
            platform.share(sys.argv[1])
        except VerticoreError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()

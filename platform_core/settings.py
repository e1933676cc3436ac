"""Settings: ``verticore.toml`` and ``VERTICORE_*``.

What is set nearer to the command wins: options, then environment variables, then the file, then the defaults. The file
is the first of ``$VERTICORE_CONFIG``, ``./verticore.toml`` and ``<home>/verticore.toml``.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ByteSize, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from platform_core.sdk.errors import UsageError
from platform_core.sdk.wording import first_complaint

_PREFIX = "VERTICORE_"
_CONFIG_VARIABLE = "VERTICORE_CONFIG"
_FILE_NAME = "verticore.toml"


class Settings(BaseSettings):
    """Everything that can be set. Each setting ``x`` is a line of ``verticore.toml`` and ``$VERTICORE_X``."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(
        Path(".verticore"),
        validate_default=True,
        description="The workspace: one folder with database, storage, caches and logs.",
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the database; unset: SQLite in the workspace."
    )
    storage_url: str | None = Field(
        None, description="fsspec URL of the place for datasets and models; unset: a folder of the workspace."
    )
    tenant: str = Field(
        "local", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="The tenant that rows are read and written for."
    )
    allow_download: bool = Field(False, description="Whether encoders may be fetched from the Hugging Face hub.")
    strict_plugins: bool = Field(False, description="Whether a plugin that fails stops the command.")
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="Where tensors live: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`.",
    )
    precision: Literal["auto", "fp32"] = Field(
        "auto",
        description="How encoders multiply when models are asked: `auto`, in 16 bits where a version's answers were "
        "found to stay the same and the machine has instructions for it; or always in `fp32`.",
    )
    model_memory: ByteSize | None = Field(
        None,
        description="Memory that encoders and models may take, e.g. `8 GiB`; those used longest ago leave; unset: half "
        "of what is free at the start.",
    )
    pinned_models: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Models that the server loads at its start and keeps, e.g. `news@champion`; where an alias moves, "
        "the new version. In the environment with a comma between them.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the log file tells.")
    cache_bytes: ByteSize = Field(
        ByteSize(10 * 1024**3),
        description="Bound of the feature cache, e.g. `10 GiB`; least recently used entries go.",
    )
    trackers: Annotated[tuple[Literal["tensorboard", "mlflow"], ...], NoDecode] = Field(
        (),
        description="Where the metrics of runs go beside the database: `tensorboard`, `mlflow`, or both; in the "
        "environment with a comma between them. Each needs its extra, e.g. `pip install 'verticore[mlflow]'`.",
    )
    mlflow_uri: str | None = Field(
        None, repr=False, description="MLflow's tracking URI; unset: a SQLite database, `mlflow.db`, in the workspace."
    )
    pseudonym_key: str | None = Field(
        None,
        repr=False,
        min_length=16,
        description="Secret with which identities of people and accounts are hashed; unset: `pseudonym.key` in the "
        "workspace, made when it is first needed.",
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address that the server listens on.")
    port: int = Field(8765, ge=0, le=65535, description="Port that the server listens on; 0: any free one.")
    max_batch_tokens: int | None = Field(
        None,
        ge=1,
        description="Most tokens in one pass of an encoder when serving; unset: 512 on a CPU, 16384 on a GPU.",
    )
    max_batch_delay_ms: float = Field(
        2.0, ge=0, le=1000, description="How long a pass waits for company while others compute, in milliseconds."
    )
    request_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="After how many seconds a request is answered with 504 instead."
    )
    max_wait_s: float = Field(
        5.0, gt=0, le=3600, description="Requests that would wait longer for their turn are turned away at once (503)."
    )
    prediction_cache_examples: int = Field(
        0, ge=0, description="Latest examples whose answers a server keeps, to give them again without computing."
    )
    key_priorities: dict[str, int] = Field(
        {},
        description="Priority of requests for each value of their header `Verticore-Key`; greater ones go first.",
    )
    hang_timeout_s: float = Field(
        10.0, gt=0, le=3600, description="After how many seconds in its own networks a model counts as hanging."
    )
    max_request_examples: int = Field(256, ge=1, description="Most examples in one request.")
    max_request_bytes: ByteSize = Field(
        ByteSize(4 * 1024**2), ge=1, description="Greatest body of a request, e.g. `4 MiB`."
    )
    receive_timeout_s: float = Field(
        20.0,
        gt=0,
        le=3600,
        description="Within how many seconds a request has to arrive whole; a file has one more for each 64 KiB.",
    )
    max_batch_file_bytes: ByteSize = Field(
        ByteSize(256 * 1024**2), ge=1, description="Greatest file that is predicted on over HTTP, e.g. `256 MiB`."
    )
    workers: int = Field(
        1,
        ge=1,
        le=256,
        description="Processes that serve at one address. Each has its own copy of the encoders; cores are divided.",
    )
    prediction_log_sample: float = Field(
        1.0, ge=0, le=1, description="Share of the requests whose examples and answers are logged; 0: none."
    )
    prediction_log_days: int = Field(30, ge=1, description="For how many days logged predictions are kept.")
    request_history_days: int = Field(
        30, ge=1, description="For how many days the counts and latencies of requests are kept."
    )

    max_operations: int = Field(2, ge=1, description="Operations that the server runs at a time; as many files.")
    max_waiting_operations: int = Field(
        8, ge=0, description="Requests for operations, or with files, that wait for their turn; more are turned away."
    )

    @field_validator("trackers", "pinned_models", mode="before")
    @classmethod
    def _separated(cls, words: Any) -> Any:
        """Take the words of an environment variable apart."""
        if isinstance(words, str):
            return tuple(word.strip() for word in words.split(",") if word.strip())
        return words

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.home / 'verticore.db'}"

    @property
    def storage(self) -> str:
        """The URL of the storage."""
        return self.storage_url or f"file://{self.home / 'storage'}"


def load_settings(home: Path | None = None, **overrides: Any) -> Settings:
    """Gather the settings from options, environment and file.

    Args:
        home: the workspace; ``None`` leaves it to environment, file and default.
        **overrides: settings by name; ``None`` means "not given".

    Raises:
        UsageError: a file cannot be read, or a setting is unknown or has a wrong value; names place and setting.
    """
    given = {name: value for name, value in ({"home": home} | overrides).items() if value is not None}
    file = _find_file(given.get("home"))
    written = {name: value for name, value in _read_file(file).items() if not _in_environment(name)} if file else {}
    try:
        return Settings(**(written | given))
    except ValidationError as error:
        raise _explain(error, file, given) from error


def _find_file(home: Path | None) -> Path | None:
    named = os.environ.get(_CONFIG_VARIABLE)
    if named:
        return Path(named).absolute()
    workspace = home or os.environ.get("VERTICORE_HOME") or Settings.model_fields["home"].default
    candidates = (Path(_FILE_NAME), Path(workspace).expanduser() / _FILE_NAME)
    return next((path.absolute() for path in candidates if path.is_file()), None)


def _read_file(file: Path) -> dict[str, Any]:
    """Return the settings in ``file``; a relative ``home`` is relative to the file, not to where the command runs."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the settings file cannot be read: {error.strerror}", where=str(file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings file is not valid TOML: {error}", where=str(file)) from error
    if isinstance(values.get("home"), str):
        values["home"] = file.parent / Path(values["home"]).expanduser()
    return values


def _in_environment(name: str) -> bool:
    variable = f"{_PREFIX}{name}".upper()
    return any(known.upper() == variable and value for known, value in os.environ.items())


def _explain(error: ValidationError, file: Path | None, given: dict[str, Any]) -> UsageError:
    """Return the first complaint of pydantic with the setting, the place where it was set, and what to do."""
    found = first_complaint(error)
    name = str(found.place[0])
    if name in given or file is None or _in_environment(name):
        place = f"the option '{name}'" if name in given else f"the environment variable {_PREFIX}{name.upper()}"
    else:
        place = f"{file}, key '{name}'"
    if found.kind == "extra_forbidden":
        nearest = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=0.5)
        hint = f"did you mean '{nearest[0]}'?" if nearest else f"known: {', '.join(sorted(Settings.model_fields))}"
        return UsageError(f"there is no setting '{name}'", where=place, hint=hint)
    meaning = Settings.model_fields[name].description or ""
    value = error.errors()[0]["input"]
    return UsageError(f"the setting '{name}' is {value!r}: {found.message}", where=place, hint=meaning)

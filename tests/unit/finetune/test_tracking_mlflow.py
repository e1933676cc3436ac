"""A real MLflow store in the workspace."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.finetune.tracking.mlflow import MlflowSink, check_uri, secrets_of
from platform_core.finetune.tracking.sink import TrackedRun
from platform_core.finetune.tracking.tracking import Trackers, Tracking
from platform_core.sdk import Interrupted, UsageError

pytestmark = [
    pytest.mark.skipif(not find_spec("mlflow"), reason="needs the extra mlflow"),  # importing it is the sink's matter
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # MLflow's own use of SQLAlchemy
]

RUN = TrackedRun(
    id="run_1",
    model="words",
    solution="acme.words",
    params={f"p{i}": i for i in range(120)} | {"rate": 1e-3, "rank": None, "long": "x" * 9000},
    tags={"dataset": "words:1", "versions": '{"verticore": "0.1"}'},
)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """A store whose tables exist: creating them takes seconds."""
    home = tmp_path_factory.mktemp("mlflow")
    sink = MlflowSink(None, home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sink.start(TrackedRun(id="other", model="other", solution="s"))
    sink.finish("finished", {})
    return home / "mlflow.db"


@pytest.fixture
def home(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mlflow.db").write_bytes(template.read_bytes())
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "home"
    assert {entry.name for entry in tmp_path.iterdir()} == {"home"}, "nothing where the command runs"


def follow(home: Path, told: list[str], run: TrackedRun = RUN) -> Tracking:
    return Tracking(run, [MlflowSink(None, home)], told.append)


def found(home: Path, name: str = "words"):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(name)
    return client, client.search_runs([experiment.experiment_id])


def history(client, run, name: str) -> dict[int, float]:
    points = client.get_metric_history(run.info.run_id, name)
    assert len({point.step for point in points}) == len(points)
    return {point.step: point.value for point in points}


def test_parameters_tags_and_metrics_are_in_an_experiment_of_the_model(home, capfd):
    told: list[str] = []
    with follow(home, told) as tracking:
        for step in range(1, 601):
            tracking.step(step, {"loss": 1 / step, "recall@alert": 0.5})
        tracking.epoch({"epoch": 1.0, "score": 0.75}, step=600)
        tracking.result({"macro_f1": 0.8, "recall@fpr": 0.4})
    assert told == []
    client, runs = found(home)
    (run,) = runs
    assert (run.info.run_name, run.info.status) == ("run_1", "FINISHED")
    assert run.data.params["rate"] == "0.001"
    assert run.data.params["p119"] == "119"
    assert "rank" not in run.data.params
    assert len(run.data.params["long"]) == 6000
    assert run.data.tags["verticore.run"] == "run_1"
    assert run.data.tags["verticore.solution"] == "acme.words"
    assert run.data.tags["verticore.dataset"] == "words:1"
    assert history(client, run, "loss") == {step: 1 / step for step in range(1, 601)}
    assert history(client, run, "epoch_score") == {600: 0.75}
    assert run.data.metrics["macro_f1"] == 0.8
    assert run.data.metrics["recall_fpr"] == 0.4
    assert capfd.readouterr() == ("", ""), "MLflow does not speak on the terminal"


def test_a_run_that_goes_on_continues_the_same_run_without_doubled_points(home):
    told: list[str] = []

    def work(first: int, last: int, loss: float, error: Exception | None) -> None:
        with follow(home, told) as tracking:
            for step in range(first, last):
                tracking.step(step, {"loss": loss})
            if error is not None:
                raise error

    with pytest.raises(Interrupted):
        work(1, 8, 9.0, Interrupted("stopped"))
    client, (run,) = found(home)
    assert run.info.status == "KILLED"
    work(5, 10, 1.0, None)
    client, (run,) = found(home)
    assert history(client, run, "loss") == {step: 9.0 if step < 8 else 1.0 for step in range(1, 10)}
    assert run.info.status == "FINISHED"
    assert told == []


def test_a_run_that_only_ends_has_its_final_metrics_at_its_last_step_and_once(home):
    told: list[str] = []
    with follow(home, told) as tracking:
        tracking.step(6, {"loss": 1.0})
    for _ in range(2):  # the row of the run could not be written, so it went on once more
        with follow(home, told) as tracking:
            tracking.result({"accuracy": 0.5})
    client, (run,) = found(home)
    assert history(client, run, "accuracy") == {6: 0.5}
    assert told == []


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("foo://x", "foo"),
        ("localhost:5000", "Supported URI schemes"),
        ("http:/host", "names no server"),
        ("http://[::1", "IPv6"),
        ("mysql+nodriver://anna:geheim@host/db", "nodriver"),
    ],
)
def test_a_uri_that_cannot_be_used_is_refused(database, tmp_path, uri, words):
    with pytest.raises(UsageError, match=words) as caught:
        Trackers(database, "local", tmp_path, chosen=("mlflow",), mlflow_uri=uri).check()
    assert "mlflow_uri" in str(caught.value)
    assert "geheim" not in str(caught.value)
    Trackers(database, "local", tmp_path, mlflow_uri=uri).check()  # nobody uses it


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "https://anna:geheim@host.invalid/x", "sqlite:////no/such.db"])
def test_whether_a_server_is_there_is_not_asked(uri):
    check_uri(uri)


def test_runs_of_a_model_share_its_experiment(home):
    for name in ("run_1", "run_2"):
        with follow(home, [], TrackedRun(id=name, model="words", solution="acme.words")) as tracking:
            tracking.step(1, {"loss": 1.0})
    _, runs = found(home)
    assert {run.info.run_name for run in runs} == {"run_1", "run_2"}


def test_a_server_that_is_away_is_told_without_its_password(home, caplog, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    told: list[str] = []
    sink = MlflowSink(f"http://anna:s%40cret@127.0.0.1:{port}", home)
    with caplog.at_level(logging.DEBUG), Tracking(RUN, [sink], told.append) as tracking:
        tracking.step(1, {"loss": 1.0})
    assert len(told) == 1
    assert told[0].startswith("MLflow gets no more of this run; the training goes on (")
    assert "127.0.0.1" in told[0]
    for text in (told[0], caplog.text):
        assert not any(secret in text for secret in ("anna", "s%40cret", "s@cret"))


def test_mlflow_tells_its_makers_nothing(home):
    with follow(home, []) as tracking:
        tracking.step(1, {"loss": 1.0})
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    from mlflow.telemetry.client import get_telemetry_client

    assert get_telemetry_client() is None


@given(st.text("abcXYZ0189", min_size=4), st.text("abc:@/%?# é", min_size=4))
def test_no_part_of_a_password_is_left(user, password):
    from urllib.parse import quote

    uri = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@host:5432/runs?sslpassword=geheim"
    text = f"cannot connect to {uri}: bad password {password}"
    for secret in secrets_of(uri):
        text = text.replace(secret, "***")
    assert password not in text
    assert quote(password, safe="") not in text
    assert user not in text
    assert "geheim" not in text
    assert "host:5432/runs" in text


def test_a_uri_without_secrets_is_left_as_it_is():
    assert secrets_of("sqlite:////srv/mlflow.db") == []
    assert secrets_of("databricks") == []

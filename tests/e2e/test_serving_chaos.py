"""A server whose models fail, move and are tried while others are asked: real processes, real requests."""

from __future__ import annotations

import pytest
from worlds.serving import Load, serving, wait_until

pytestmark = pytest.mark.slow

HEALTHY = ("steady", "plain", "own", "rows")


@pytest.fixture(scope="module")
def server(fleet, tmp_path_factory):
    home = fleet.copy(tmp_path_factory.mktemp("chaos"))
    with serving(home, fleet.environment | {"OMP_NUM_THREADS": "2"}, hang_timeout_s=1) as server:
        yield server


@pytest.fixture
def load_of(server, fleet):
    """Return a function that asks references without a pause, each for the examples of its first version."""

    def start(*references: str, clients: int = 6) -> Load:
        asked = {ref: fleet.examples[f"{ref.partition('@')[0]}:1"] for ref in references}
        return Load(server.url, asked, clients)

    return start


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("raises", {(500, "internal.unexpected")}),
        ("no-number", {(500, "model.failed")}),
        ("hangs", {(504, "server.deadline"), (500, "model.failed")}),
    ],
)
def test_a_flawed_head_harms_its_own_requests_only(server, fleet, load_of, fault, expected):
    with load_of(fault, *HEALTHY) as load:
        wait_until(lambda: len(load.of(fault)) > 20)
    assert {(answer.status, answer.body["code"]) for answer in load.of(fault)} == expected
    for reference in HEALTHY:
        fleet.check(load.of(reference))
        assert max(answer.seconds for answer in load.of(reference)) < 10
    assert len(load.of("steady")) > 10


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


def test_a_defect_leaves_the_connection_for_the_next_request(client, fleet):
    asked = fleet.examples["plain:1"][0]
    assert [client.predict(name, asked)[0] for name in ("raises", "plain", "raises", "plain")] == [500, 200, 500, 200]


def test_an_alias_that_moves_loses_no_request(server, fleet, load_of):
    with load_of("moving@champion", "steady") as load:

        def now() -> int:
            return load.of("moving@champion")[-1].body["version"]

        wait_until(lambda: len(load.of("moving@champion")) > 20 and now() == 1)
        server.verticore("models", "promote", "moving:2", "champion")
        wait_until(lambda: now() == 2)
        server.verticore("models", "rollback", "moving", "champion")
        wait_until(lambda: now() == 1)
    fleet.check(load.answers)


def canary_requests(client) -> float:
    """Return how many requests canaries were asked, as the server counts them."""
    lines = [
        line
        for line in client.text("/metrics").splitlines()
        if line.startswith("verticore_requests_total") and "canary" in line
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_a_canary_that_fails_one_request_of_five_is_rolled_back_and_nobody_sees_it(server, client, fleet, load_of):
    with load_of("trial@champion") as load:
        wait_until(lambda: len(load.answers) > 20)
        server.verticore("deploy", "trial", "--canary", "2", "--percent", "50")
        wait_until(lambda: any(answer.body["version"] == 2 for answer in list(load.answers)))
        wait_until(lambda: server.verticore("deploy", "show", "trial")["history"] != [])
        seen = len(load.answers)
        wait_until(lambda: len(load.answers) > seen + 100)
    fleet.check(load.answers)
    (ended,) = server.verticore("deploy", "show", "trial")["history"]
    assert (ended["role"], ended["version"], ended["outcome"]) == ("canary", 2, "rolled_back")
    evidence = ended["evidence"]
    assert evidence["limit"] == "errors"
    assert "requests failed" in evidence["text"]
    assert 3 <= evidence["tried"]["failures"] < evidence["tried"]["requests"] <= 200
    assert evidence["facts"]["requests"] <= canary_requests(client) <= 200
    assert {answer.body["version"] for answer in load.answers[seen:]} == {1}


def test_a_shadow_is_compared_and_never_returned(server, fleet, load_of):
    with load_of("trial@champion") as load:
        server.verticore("deploy", "trial", "--shadow", "3")
        wait_until(lambda: server.verticore("deploy", "show", "trial")["shadow"] is None)
    fleet.check(load.answers)
    assert {answer.body["version"] for answer in load.answers} == {1}
    ended = server.verticore("deploy", "show", "trial")["history"][0]
    assert (ended["role"], ended["version"], ended["outcome"]) == ("shadow", 3, "rolled_back")
    assert ended["evidence"]["limit"] == "disagreement"
    assert ended["evidence"]["tried"]["requests"] > 0


def test_feedback_on_a_prediction_that_is_not_written_yet(client, fleet):
    status, said = client.predict("steady", *fleet.examples["steady:1"][:2])
    assert status == 200
    right = {"prediction": said["id"], "index": 1, "label": "middle"}
    status, word = client.ask("POST", "/api/v1/models/steady/feedback", right)
    assert (status, word.get("prediction"), word.get("index")) == (200, said["id"], 1), word
    _, listed = client.ask("GET", "/api/v1/models/steady/feedback")
    (kept,) = listed["feedback"]
    assert (kept["target"], kept["answer"]) == ("middle", said["predictions"][1]["label"])
    assert kept["example"] == fleet.examples["steady:1"][1]

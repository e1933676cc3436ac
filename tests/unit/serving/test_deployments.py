"""Deployments on a real registry and database: who answers, what is counted, what ends a trial."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.db.engine import Database
from platform_core.registry import Registry
from platform_core.sdk import (
    BadInput,
    Conflict,
    DeadlineExceeded,
    ModelFailed,
    NotFound,
    Overloaded,
    PromotionRequest,
    UsageError,
    Veto,
)
from platform_core.serving.deployments.policy import Arm, Limits, Outcome, Route, choose, place_of
from platform_core.serving.deployments.schemas import CanaryPlan, Plan, ShadowPlan
from platform_core.serving.deployments.service import Deployments
from platform_core.serving.deployments.trials import Trials
from platform_core.serving.routing import Router

GOOD, BAD = Outcome(False, 0.01, ("a",)), Outcome(True, 0.01)


class Hooks:
    """In the place of plugins."""

    def __init__(self) -> None:
        self.vetoes: list[tuple[str, Veto]] = []
        self.meanwhile: Callable[[], object] | None = None

    def review_promotion(self, request: PromotionRequest) -> list[tuple[str, Veto]]:
        do, self.meanwhile = self.meanwhile, None
        if do is not None:
            do()
        return self.vetoes

    def announce(self, event: object) -> None:
        pass


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def registry(database: Database, storage, hooks, tmp_path) -> Registry:
    """``news`` with four versions, the first of which is champion."""
    registry = Registry(database, storage, hooks, "local")
    for number in range(1, 5):
        folder = tmp_path / f"made{number}"
        folder.mkdir()
        (folder / "card.json").write_text(f"{number}")
        registry.register(
            name="news",
            solution="finance.sentiment",
            folder=folder,
            method="lora",
            encoder="minilm",
            encoder_fingerprint="f",
            metrics={},
            lineage={},
        )
    registry.promote("news:1", "champion")
    return registry


@pytest.fixture
def deployments(database, registry) -> Deployments:
    return Deployments(database, registry, "local")


class World:
    """Routers of one database, as several processes have them, on one clock."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database, self._registry = database, registry
        self.now = 1000.0
        self.routers: list[Router] = []
        self.looked = 0

    def router(self, draws: list[float] | None = None) -> Router:
        places = iter(draws or [])
        trials = Trials(self._database, self._registry, "local")
        look = trials.route
        trials.route = lambda reference: self._count(look(reference))  # type: ignore[method-assign]
        router = Router(trials, clock=lambda: self.now, draw=lambda: next(places, 0.999))
        self.routers.append(router)
        return router

    def _count(self, route: Route) -> Route:
        self.looked += 1
        return route


@pytest.fixture
def world(database, registry) -> Iterator[World]:
    world = World(database, registry)
    yield world
    for router in world.routers:
        router.close()


def canary(version=2, percent=10.0, **more) -> Plan:
    return Plan(canary=CanaryPlan(version, percent, **more))


def _history(deployments: Deployments):
    return deployments.show("news", "champion").history


def wait_until(condition, seconds=5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


class TestChoosing:
    """Pure: who answers."""

    route = Route(
        SimpleNamespace(id="ver_1", number=1),
        Arm("arm_c", "canary", SimpleNamespace(id="ver_2", number=2), 30.0, frozenset({"acme"}), Limits()),
        Arm("arm_s", "shadow", SimpleNamespace(id="ver_3", number=3), 0.0, frozenset(), Limits()),
    )

    @given(st.text(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 100), st.floats(0, 100))
    def test_a_key_stays_where_it_is_and_more_percent_only_add(self, key, draw, other, few, many):
        few, many = sorted((few, many))
        roles = []
        for percent, luck in ((few, draw), (few, other), (many, draw)):
            arm = Arm("a", "canary", self.route.canary.version, percent, frozenset(), Limits())
            roles.append(choose(Route(self.route.stable, arm), key, luck).role)
        assert roles[0] == roles[1]
        assert roles[0] == "stable" or roles[2] == "canary"

    def test_keys_are_spread_evenly(self):
        places = [place_of(f"user {n}", "ver_2") for n in range(10_000)]
        assert all(900 < count < 1100 for count in Counter(int(place * 10) for place in places).values())
        again = [place_of(f"user {n}", "ver_3") for n in range(10_000)]
        both = sum(a < 0.1 and b < 0.1 for a, b in zip(places, again, strict=True))
        assert 60 < both < 140  # another canary tries other users

    def test_keys_that_are_named_always_go_to_the_canary_and_are_not_like_others(self):
        chosen = choose(self.route, "acme", 0.99)
        assert (chosen.role, chosen.version.number, chosen.sampled, chosen.shadow) == ("canary", 2, False, None)

    def test_the_shadow_is_asked_beside_the_stable_version_only(self):
        stable, tried = choose(self.route, None, 0.5), choose(self.route, None, 0.2)
        assert (stable.role, stable.shadow.number) == ("stable", 3)
        assert (tried.role, tried.shadow, tried.sampled) == ("canary", None, True)
        assert [arm.id for arm in stable.arms] == ["arm_c", "arm_s"]
        assert [arm.id for arm in tried.arms] == ["arm_c"]


class TestOutcomes:
    """What a version is to blame for."""

    @pytest.mark.parametrize(
        ("error", "failed"),
        [
            (None, False),
            (ModelFailed("m"), True),
            (DeadlineExceeded("m"), True),
            (RuntimeError("a defect"), True),
            (BadInput("m"), None),
            (NotFound("m"), None),
            (Overloaded("m"), None),
        ],
    )
    def test_only_its_own_failures_count(self, error, failed):
        outcome = Outcome.of(0.1, [{"label": "a"}, {"value": 2}], error)
        assert failed == (outcome.failed if outcome else None)
        assert outcome is None or failed or outcome.answers == ("a", 2.0)


class TestPeople:
    """Beginning, changing and ending trials."""

    def test_a_canary_begins_changes_and_is_promoted(self, deployments, registry):
        begun = deployments.apply("news", "champion", canary(2, 10.0, keys=("b", "a", "a")))
        assert (begun.stable, begun.canary.version, begun.canary.percent, begun.canary.keys) == (1, 2, 10.0, ("a", "b"))
        wider = deployments.apply("news", "champion", canary(2, 50.0))
        assert (wider.canary.id, wider.canary.percent, wider.history) == (begun.canary.id, 50.0, [])
        assert deployments.promote("news", "champion").number == 2
        shown = deployments.show("news", "champion")
        assert (shown.stable, shown.arms, shown.history[0].outcome) == (2, (), "promoted")
        assert registry.resolve("news@champion").number == 2

    def test_a_plugin_may_object_and_the_canary_goes_on(self, deployments, hooks):
        deployments.apply("news", "champion", canary())
        hooks.vetoes = [("acme", Veto(reason="too weak"))]
        with pytest.raises(Conflict, match="too weak"):
            deployments.promote("news", "champion")
        assert deployments.show("news", "champion").canary.version == 2

    def test_a_canary_that_ends_while_plugins_are_asked_is_not_promoted(self, deployments, registry, hooks):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        hooks.meanwhile = lambda: deployments.stop("news", "champion", "canary")
        with pytest.raises(Conflict, match="ended meanwhile"):
            deployments.promote("news", "champion")
        assert registry.resolve("news@champion").number == 1
        assert deployments.show("news", "champion").shadow.version == 3
        deployments.apply("news", "champion", canary())
        hooks.meanwhile = lambda: registry.promote("news:4", "champion")
        with pytest.raises(Conflict, match="ended meanwhile"):
            deployments.promote("news", "champion")
        assert registry.resolve("news@champion").number == 4

    def test_promoting_a_canary_ends_the_shadow(self, deployments, registry):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        deployments.promote("news", "champion")
        ended = {arm.version: (arm.outcome, arm.ended_at is not None) for arm in _history(deployments)}
        assert ended == {2: ("promoted", True), 3: ("superseded", True)}

    def test_another_version_takes_the_place(self, deployments):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        after = deployments.apply("news", "champion", canary(4))
        assert (after.canary.version, after.shadow) == (4, None)
        assert {(arm.version, arm.outcome) for arm in after.history} == {(2, "replaced"), (3, "stopped")}

    def test_stopping_one_role_or_all(self, deployments):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        assert deployments.list()[0].endpoint == "news@champion"
        left = deployments.stop("news", "champion", "shadow")
        assert (left.canary.version, left.shadow) == (2, None)
        assert deployments.stop("news", "champion").arms == ()
        assert deployments.list() == []
        with pytest.raises(Conflict, match="nothing is tried"):
            deployments.stop("news", "champion")

    def test_an_alias_that_moves_ends_what_was_compared_with_it(self, deployments, registry, world):
        deployments.apply("news", "champion", canary(2, 100.0))
        registry.promote("news:3", "champion")
        shown = deployments.show("news", "champion")
        assert (shown.arms, shown.history[0].outcome) == ((), "superseded")
        assert deployments.list() == []
        assert world.router([0.0]).choose("news").version.number == 3
        assert deployments.show("news", "champion").history[0].ended_at is not None
        registry.delete("news:2")

    def test_a_version_on_trial_cannot_be_deleted(self, deployments, registry):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        for reference in ("news:2", "news:3"):
            with pytest.raises(Conflict, match="tried by a deployment"):
                registry.delete(reference)
        deployments.stop("news", "champion")
        registry.delete("news:2")
        assert [arm.version for arm in deployments.show("news", "champion").history] == [3, 2]

    @pytest.mark.parametrize(
        ("plan", "error"),
        [
            (lambda: canary(1), "stable version"),
            (lambda: canary(9), "no version"),
            (lambda: Plan(CanaryPlan(2), ShadowPlan(2)), "same version"),
            (lambda: canary(2, 101.0), "share of requests"),
            (lambda: canary(2, float("nan")), "share of requests"),
            (lambda: canary(2, 0.0), "no request would reach"),
            (lambda: canary(2, 0.0, keys=("",)), "keys cannot be used"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, deployments, plan, error):
        with pytest.raises((UsageError, NotFound), match=error):
            deployments.apply("news", "champion", plan())
        assert deployments.show("news", "champion").arms == ()

    def test_an_alias_that_is_not_set_has_none(self, deployments):
        with pytest.raises(NotFound, match="alias"):
            deployments.apply("news", "next", canary())

    def test_tenants_do_not_see_each_other(self, deployments, database, registry, world):
        deployments.apply("news", "champion", canary())
        other = Deployments(database, registry, "other")
        assert other.list() == []
        with pytest.raises(NotFound):
            other.stop("news", "champion")


class TestRouting:
    """References → versions, without asking the database for each."""

    def test_who_names_a_version_gets_it(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 100.0))
        router = world.router([0.0] * 5)
        assert [router.choose(r).version.number for r in ("news:1", "news", "news@champion")] == [1, 2, 2]
        assert router.choose("news:1").arms == ()
        with pytest.raises(NotFound):
            router.choose("other")

    def test_nothing_is_looked_up_while_nothing_changes(self, registry, world):
        router = world.router()
        assert router.known("news") is None
        for _ in range(5):
            world.now += 1.1
            assert router.known("news") is None
            assert router.choose("news").version.number == 1
            assert router.known("news").version.number == 1
        assert world.looked == 1
        registry.promote("news:2", "champion")
        assert router.known("news").version.number == 1
        world.now += 1.1
        assert router.choose("news").version.number == 2
        assert world.looked == 2

    def test_under_traffic_it_is_looked_early(self, registry, world):
        router = world.router()
        router.choose("news")
        registry.promote("news:2", "champion")
        world.now += 0.6
        assert router.known("news") is not None
        wait_until(lambda: router.known("news") is None)
        assert router.choose("news").version.number == 2

    def test_what_is_known_is_served_while_the_database_is_away(self, registry, world, monkeypatch, caplog):
        router = world.router()
        router.choose("news")
        registry.promote("news:2", "champion")

        def fail(*_):
            raise RuntimeError("the database is away")

        with monkeypatch.context() as away:
            away.setattr(router._trials, "stamp", fail)
            away.setattr(router._trials, "route", fail)
            for _ in range(3):
                world.now += 1.1
                assert router.known("news") is None
                assert router.choose("news").version.number == 1
                assert router.known("news").version.number == 1
                with pytest.raises(RuntimeError, match="database is away"):
                    router.choose("news:3")
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        world.now += 1.1
        assert router.choose("news").version.number == 2

    def test_nobody_waits_for_a_database_that_does_not_answer(self, world, monkeypatch):
        router = world.router()
        router.choose("news")
        asked, answer = threading.Event(), threading.Event()
        failures = iter([True])

        def hang():
            if next(failures, False):
                raise RuntimeError("the database is away")
            asked.set()
            answer.wait(20)
            raise RuntimeError("the database is away")

        monkeypatch.setattr(router._trials, "stamp", hang)
        world.now += 1.1
        router.choose("news")
        world.now += 1.1
        waiting = threading.Thread(target=router.choose, args=("news",))
        waiting.start()
        assert asked.wait(5)
        assert router.choose("news").version.number == 1
        answer.set()
        waiting.join()

    def test_every_kind_of_change_is_seen(self, registry, deployments, world, tmp_path):
        router = world.router([0.0] * 20)

        def asked(reference):
            world.now += 1.1
            return router.choose(reference).version.number

        assert asked("news") == 1
        deployments.apply("news", "champion", canary(2, 50.0))
        assert asked("news") == 2
        deployments.apply("news", "champion", canary(2, 0.0, keys=("k",)))
        assert asked("news") == 1
        deployments.promote("news", "champion")
        assert asked("news") == 2
        registry.promote("news:3", "champion")
        registry.rollback("news", "champion")
        assert asked("news") == 2

    def test_a_bare_name_is_the_newest_where_there_is_no_champion(self, registry, world, tmp_path):
        def register():
            (tmp_path / "solo").mkdir(exist_ok=True)
            (tmp_path / "solo" / "card.json").write_text("{}")
            facts = {"method": "lora", "encoder": "e", "encoder_fingerprint": "f", "metrics": {}, "lineage": {}}
            registry.register(name="solo", solution="finance.sentiment", folder=tmp_path / "solo", **facts)

        register()
        router = world.router()
        assert router.choose("solo").version.number == 1
        register()
        world.now += 1.1
        assert router.choose("solo").version.number == 2
        registry.delete("solo:2")
        world.now += 1.1
        assert router.choose("solo").version.number == 1


class TestWatching:
    """Counts, verdicts, roll-backs."""

    def test_a_canary_that_fails_is_rolled_back_with_the_evidence(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 10.0))
        router = world.router([0.05 if n % 10 == 0 else 0.5 for n in range(3000)])
        asked = failed = 0
        while asked < 200:
            choice = router.choose("news")
            if choice.role == "canary":
                asked += 1
                bad = asked % 5 == 0
                failed += bad
                router.note(choice, "canary", BAD if bad else GOOD)
            else:
                router.note(choice, "stable", GOOD)
            if asked >= 60:
                time.sleep(0.001)
            if deployments.show("news", "champion").history:
                break
        assert 35 <= asked < 200
        (arm,) = deployments.show("news", "champion").history
        assert (arm.outcome, arm.evidence["limit"]) == ("rolled_back", "errors")
        assert "requests failed" in arm.evidence["text"]
        assert arm.evidence["tried"]["failures"] >= 8
        assert router.choose("news").version.number == 1
        assert router.choose("news").arms == ()

    def test_processes_add_up_and_only_one_rolls_back(self, deployments, world, caplog):
        deployments.apply("news", "champion", canary(2, 100.0))
        routers = [world.router([0.0] * 100) for _ in range(3)]
        choices = [router.choose("news") for router in routers]
        for _ in range(6):  # too few in each process to tell
            for router, choice in zip(routers, choices, strict=True):
                router.note(choice, "canary", BAD)
        world.now += 1.0
        wait_until(lambda: deployments.show("news", "champion").history)
        world.now += 1.0
        for router in routers:
            router.note(choices[0], "canary", BAD)
        wait_until(lambda: all(router.choose("news").role == "stable" for router in routers))
        assert sum("was rolled back" in record.message for record in caplog.records) == 1

    def test_errors_of_both_are_no_fault_of_the_canary(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 50.0))
        router = world.router([0.0, 0.9] * 200)
        for n in range(200):
            choice = router.choose("news")
            router.note(choice, choice.role, BAD if n % 10 < 4 else GOOD)
        router.close()
        shown = deployments.show("news", "champion")
        assert shown.canary.evidence["tried"]["failures"] == shown.canary.evidence["stable"]["failures"] == 40

    def test_a_shadow_that_differs_ends_and_the_canary_goes_on(self, deployments, world):
        deployments.apply("news", "champion", Plan(CanaryPlan(2), ShadowPlan(3)))
        router = world.router()
        choice = router.choose("news")
        assert (choice.role, choice.shadow.number) == ("stable", 3)
        for _ in range(50):
            router.note(choice, "stable", GOOD)
            router.note(choice, "shadow", GOOD)
            router.note_shadow(choice, ("a",), ("b",))
        world.now += 1.0
        wait_until(lambda: deployments.show("news", "champion").history)
        shown = deployments.show("news", "champion")
        assert (shown.canary.version, shown.shadow) == (2, None)
        assert shown.history[0].evidence["limit"] == "disagreement"
        assert shown.history[0].evidence["tried"]["disagreement"] == 1.0

    def test_times_count_once_a_version_is_warm(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 50.0))
        router = world.router([0.0, 0.9] * 500)

        def ask(times):
            for _ in range(times):
                choice = router.choose("news")
                router.note(choice, choice.role, Outcome(False, 1.0 if choice.role == "canary" else 0.01, ("a",)))

        ask(200)
        world.now += 5.0
        ask(2)
        assert deployments.show("news", "champion").history == []
        ask(300)
        world.now += 1.0
        wait_until(lambda: deployments.show("news", "champion").history)
        assert deployments.show("news", "champion").history[0].evidence["limit"] == "latency"

    def test_what_is_named_by_key_counts_for_errors_only(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 0.0, keys=("tester",)))
        router = world.router()
        world.now += 100
        for _ in range(60):
            router.note(router.choose("news"), "stable", GOOD)
            router.note(router.choose("news", "tester"), "canary", Outcome(False, 9.0, ("b",)))
        router.close()
        tried = deployments.show("news", "champion").canary.evidence["tried"]
        assert (tried["requests"], tried["labels"], tried["p95_seconds"]) == (60, {}, None)

    def test_a_database_that_fails_for_a_while_loses_no_counts(self, deployments, world, monkeypatch):
        deployments.apply("news", "champion", canary(2, 100.0))
        router = world.router([0.0] * 10)
        choice = router.choose("news")
        exchange, failed = router._trials.exchange, threading.Event()

        def fail(*_):
            failed.set()
            raise OSError("the disk is away")

        monkeypatch.setattr(router._trials, "exchange", fail)
        router.note(choice, "canary", GOOD)
        assert failed.wait(5)
        monkeypatch.setattr(router._trials, "exchange", exchange)
        router.close()
        assert deployments.show("news", "champion").canary.evidence["tried"]["requests"] == 1

    def test_noting_is_cheap(self, deployments, world):
        deployments.apply("news", "champion", canary(2, 50.0))
        router = world.router()
        choice = router.choose("news")
        started = time.perf_counter()
        for _ in range(2000):
            router.note(choice, "stable", GOOD)
        assert time.perf_counter() - started < 0.2

"""References → versions, looked at once a second: an alias that moves is served soon, without a restart."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from platform_core.serving.deployments.policy import Answers, Choice, Outcome, Route, choose
from platform_core.serving.deployments.repository import Stamp
from platform_core.serving.deployments.trials import Trials
from platform_core.serving.deployments.watch import Watch
from platform_core.serving.served import Role

FRESH_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Router:
    """Says which version answers a request, and learns what became of it.

    Nothing is looked up twice while nothing changes: once a second one query tells whether any alias, version or trial
    is another than before; under traffic it is asked in the background, half a second early. While the database cannot
    be reached, what is known is served on.

    Args:
        trials: what references mean, and what is tried.
        clock: monotonic seconds.
        draw: random numbers from 0 to 1.
    """

    def __init__(
        self,
        trials: Trials,
        *,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._trials = trials
        self._clock = clock
        self._draw = draw
        self._watch = Watch(trials, self._drop, clock=clock)
        self._routes: dict[str, Route] = {}
        self._ended: set[str] = set()
        self._stamp: Stamp | None = None
        self._checked_at = float("-inf")
        self._checking = threading.Lock()
        self._is_unreachable = False
        self._is_check_due = threading.Lock()
        self._lock = threading.Lock()

    def known(self, reference: str, key: str | None = None) -> Choice | None:
        """Return who answers a request, if that is known without asking the database.

        Args:
            reference: ``name``, ``name:3`` or ``name@alias``.
            key: of the caller; the same one is answered by the same version.
        """
        age = self._clock() - self._checked_at
        if age >= FRESH_SECONDS:
            return None
        route = self._routes.get(reference)
        if age >= FRESH_SECONDS / 2 and self._is_check_due.acquire(blocking=False):
            threading.Thread(target=self._check_early, name="verticore-routes", daemon=True).start()
        return choose(route, key, self._draw()) if route is not None else None

    def choose(self, reference: str, key: str | None = None) -> Choice:
        """Return who answers a request; may ask the database.

        Args:
            reference: ``name``, ``name:3`` or ``name@alias``.
            key: of the caller; the same one is answered by the same version.

        Raises:
            NotFound: the reference means nothing.
            UsageError: it is malformed.
        """
        self._check(FRESH_SECONDS)
        with self._lock:
            stamp, route = self._stamp, self._routes.get(reference)
        if route is None:
            found = self._trials.route(reference)
            with self._lock:
                route = self._without_ended(found)
                # What was looked up before a change that was seen meanwhile is good for this request only.
                if self._stamp == stamp:
                    self._routes[reference] = route
        return choose(route, key, self._draw())

    def note(self, choice: Choice, role: Role, outcome: Outcome | None) -> None:
        """Count what became of a request; cheap.

        Args:
            choice: who was to answer it.
            role: which of its versions this was; the shadow is noted beside the one that answered.
            outcome: what became of it; ``None``: the version was not to blame, see :meth:`Outcome.of`.
        """
        if not choice.arms or outcome is None:
            return
        if role == "stable":
            self._watch.count(choice.arms, "stable", outcome)
        else:
            arms = [arm for arm in choice.arms if arm.role == role]
            self._watch.count(arms, "tried", outcome, sampled=choice.sampled)

    def note_shadow(self, choice: Choice, mine: Answers, theirs: Answers) -> None:
        """Compare what the stable version answered with what the shadow did, one answer for each example."""
        self._watch.compare([arm for arm in choice.arms if arm.role == "shadow"], mine, theirs)

    def close(self) -> None:
        """Write what was counted, and stop."""
        self._watch.close()

    def _check(self, most: float) -> None:
        """Forget all routes where something has changed, unless that was looked at ``most`` seconds ago or later."""
        # Where the last look failed, one looks again, and nobody waits for it.
        if not self._checking.acquire(blocking=not self._is_unreachable):
            return
        try:
            if self._clock() - self._checked_at >= most:
                self._look()
        finally:
            self._checking.release()

    def _look(self) -> None:
        now = self._clock()
        try:
            stamp = self._trials.stamp()
        except Exception as error:
            if not self._is_unreachable:
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                _log.warning("aliases cannot be looked up at the moment, those known are served on (%s)", reason)
            self._is_unreachable = True
            now = self._clock()  # it may have taken long; the next look is as long after it
        else:
            self._is_unreachable = False
            with self._lock:
                if stamp != self._stamp:
                    self._stamp, self._routes = stamp, {}
        self._checked_at = now

    def _check_early(self) -> None:
        try:
            self._check(FRESH_SECONDS / 2)
        finally:
            self._is_check_due.release()

    def _drop(self, arm_id: str) -> None:
        """Send no more requests to what is over, though the database may not say so yet."""
        with self._lock:
            self._ended.add(arm_id)
            self._routes = {reference: self._without_ended(route) for reference, route in self._routes.items()}

    def _without_ended(self, route: Route) -> Route:
        canary, shadow = (
            arm if arm is None or arm.id not in self._ended else None for arm in (route.canary, route.shadow)
        )
        return replace(route, canary=canary, shadow=shadow)

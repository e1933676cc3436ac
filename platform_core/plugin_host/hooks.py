"""Calling plugins: the only place that talks to pluggy's manager.

pluggy keeps and checks the implementations. The host calls them itself, one by one: an implementation that raises,
exits or answers nonsense is logged and counts as no answer, and the others are still heard. A reviewer that breaks
therefore lets a promotion pass; who needs a gate that fails closed returns a :class:`Veto` from its own ``except``.
"""

from __future__ import annotations

import difflib
import inspect
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pluggy

from platform_core.sdk import hookspecs
from platform_core.sdk.errors import PluginError
from platform_core.sdk.events import PredictionLogged, PromotionRequest, RunFinished, VersionPromoted, Veto

SLOW_SECONDS = 1.0
"""An implementation that takes longer is named in the log: the caller waits for it."""

_HOOK_OF = {
    RunFinished: "run_finished",
    VersionPromoted: "version_promoted",
    PredictionLogged: "prediction_logged",
}

_log = logging.getLogger(__name__)


class HookRegistry:
    """The implementations of all active plugins, checked against the specifications.

    Args:
        specifications: the module with the hook specs.

    Attributes:
        names: the hooks there are.
    """

    def __init__(self, specifications: ModuleType = hookspecs) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(specifications)
        self.names = [n for n in vars(specifications) if self._manager.parse_hookspec_opts(specifications, n)]
        self._priorities: dict[str, int] = {}

    def register(self, plugin: str, module: ModuleType, priority: int = 0) -> None:
        """Add the implementations in ``module``, all or none.

        Raises:
            PluginError: a hook is unknown, has other arguments than its specification, or could not be called.
        """
        if self._manager.has_plugin(plugin):
            raise PluginError(f"the plugin {plugin!r} has registered its hooks already")
        try:
            self._manager.register(module, name=plugin)
            self._refuse_unknown(module)
            self._refuse_uncallable(module)
        except (pluggy.PluginValidationError, ValueError) as error:
            self.unregister(plugin)
            raise PluginError(
                f"its hooks do not fit: {' '.join(str(error).split())}",
                where=module.__name__,
                hint="compare the arguments with platform_core.sdk.hookspecs",
            ) from error
        except BaseException:
            self.unregister(plugin)
            raise
        self._priorities[plugin] = priority

    def unregister(self, plugin: str) -> None:
        """Take the implementations of ``plugin`` back; one that is not registered is no error."""
        self._priorities.pop(plugin, None)
        if self._manager.has_plugin(plugin):
            self._manager.unregister(name=plugin)

    def implementations(self, hook: str) -> list[tuple[str, pluggy.HookImpl]]:
        """Return (plugin, implementation) of ``hook``: greater priority first, then by name of the plugin."""
        found = [(impl.plugin_name, impl) for impl in getattr(self._manager.hook, hook).get_hookimpls()]
        return sorted(found, key=lambda pair: (-self._priorities.get(pair[0], 0), pair[0]))

    def _refuse_unknown(self, module: ModuleType) -> None:
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            unknown = [c.name for c in self._manager.get_hookcallers(module) or [] if not c.has_spec()]
            nearest = [n for name in unknown for n in difflib.get_close_matches(name, self.names, n=1)]
            advice = f"did you mean {' or '.join(nearest)}?" if nearest else f"the hooks are {', '.join(self.names)}"
            raise PluginError(f"there is no hook {' or '.join(unknown)}", where=module.__name__, hint=advice) from error

    def _refuse_uncallable(self, module: ModuleType) -> None:
        for caller in self._manager.get_hookcallers(module) or []:
            for impl in caller.get_hookimpls():
                problem = _uncallable(impl) if impl.plugin is module else None
                if problem:
                    place = f"{module.__name__}.{impl.function.__name__}"
                    raise PluginError(f"the hook {caller.name} {problem}", where=place, hint="write a plain function")


@dataclass(frozen=True)
class HookCall:
    """One call of one implementation: how long it took, and what went wrong, if anything."""

    plugin: str
    hook: str
    seconds: float
    problem: str = ""


class HookCaller:
    """Tells plugins what happened and asks them what may happen.

    Args:
        registry: where the implementations are.
        activate_observers: called before each round; activates the plugins that have hooks.

    Attributes:
        calls: the latest calls, newest last.
    """

    def __init__(self, registry: HookRegistry, activate_observers: Callable[[], None]) -> None:
        self._registry = registry
        self._activate_observers = activate_observers
        self.calls: deque[HookCall] = deque(maxlen=100)

    def announce(self, event: RunFinished | VersionPromoted | PredictionLogged) -> None:
        """Tell every observer of ``event``."""
        self._call_all(_HOOK_OF[type(event)], event, answers=type(None))

    def is_heard(self, event: type[RunFinished | VersionPromoted | PredictionLogged]) -> bool:
        """Tell whether a plugin listens to events of that type."""
        self._activate_observers()
        return bool(self._registry.implementations(_HOOK_OF[event]))

    def review_promotion(self, request: PromotionRequest) -> list[tuple[str, Veto]]:
        """Return the vetoes against ``request`` with the plugins that raise them; empty: it may happen."""
        return self._call_all("review_promotion", request, answers=Veto)

    def _call_all(self, hook: str, argument: Any, answers: type) -> list[tuple[str, Any]]:
        self._activate_observers()
        heard = [
            (plugin, self._call(plugin, impl, hook, argument, answers))
            for plugin, impl in self._registry.implementations(hook)
        ]
        return [(plugin, answer) for plugin, answer in heard if answer is not None]

    def _call(self, plugin: str, impl: pluggy.HookImpl, hook: str, argument: Any, answers: type) -> Any:
        """Return the answer of one implementation; ``None`` where it has none or fails."""
        started = time.perf_counter()
        answer, problem = None, ""
        try:
            answer = impl.function(*(argument for _ in impl.argnames))
            problem = _wrong_answer(answer, answers)
        except (Exception, SystemExit) as error:
            problem = f"it raised {type(error).__name__}: {error}"
            _log.debug("the hook %s of the plugin %s failed", hook, plugin, exc_info=error)
        call = HookCall(plugin, hook, time.perf_counter() - started, problem)
        self.calls.append(call)
        _report(call)
        return None if problem else answer


def _uncallable(impl: pluggy.HookImpl) -> str | None:
    function = inspect.unwrap(impl.function)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "is async; nobody would await it"
    if impl.wrapper or impl.hookwrapper or inspect.isgeneratorfunction(function):
        return "is a generator or a wrapper; nobody would run it"
    return None


def _wrong_answer(answer: Any, answers: type) -> str:
    if inspect.iscoroutine(answer):
        answer.close()
        return "it returned a coroutine, which nobody awaits"
    if answer is None or isinstance(answer, answers):
        return ""
    return f"it returned {type(answer).__name__} where {answers.__name__} or None is due"


def _report(call: HookCall) -> None:
    if call.problem:
        _log.warning("the hook %s of the plugin %s was ignored: %s", call.hook, call.plugin, call.problem)
    if call.seconds > SLOW_SECONDS:
        _log.warning("the hook %s of the plugin %s took %.1f s", call.hook, call.plugin, call.seconds)

"""Answers by content: the same version asked the same again need not compute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b

from platform_core.sdk import Example
from platform_core.serving.tickets import Predictions


class PredictionCache:
    """The latest answers; used on the event loop only.

    Keys are hashes of finished examples: nothing of an example is kept.

    Args:
        most: examples whose answers are kept; 0: none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[bytes, dict[str, object]] = OrderedDict()

    def __bool__(self) -> bool:
        """Tell whether anything is kept."""
        return self._most > 0

    async def answer(
        self, version: str, examples: Sequence[Example], ask: Callable[[Sequence[Example]], Awaitable[Predictions]]
    ) -> Predictions:
        """Return one prediction for each example, asking for those that are not known.

        Args:
            version: id of the version that is asked.
            examples: finished.
            ask: returns the predictions for some of them.
        """
        keys = [blake2b(f"{version}\0{e.model_dump_json()}".encode(), digest_size=16).digest() for e in examples]
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: example for key, example in zip(keys, examples, strict=True) if key not in found}
        if missing:
            found |= zip(missing, await ask(list(missing.values())), strict=True)
        for key in keys:
            self._known[key] = found[key]
            self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return [dict(found[key]) for key in keys]

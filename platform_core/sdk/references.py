"""References of the form ``module:object``: how a manifest names code without importing it."""

from __future__ import annotations

import importlib
import re
from typing import Annotated, Any

from pydantic import StringConstraints

from platform_core.sdk.errors import PluginError

_PATTERN = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"

ObjectRef = Annotated[str, StringConstraints(pattern=_PATTERN)]
"""``module:object``, checked by pydantic."""


def load_object(reference: str) -> Any:
    """Import ``module:object`` and return the object.

    Raises:
        PluginError: the reference is malformed, or the module has no such object.
        ImportError: whatever importing the module raises.
    """
    if not re.match(_PATTERN, reference):
        raise PluginError(f"{reference!r} is no reference to an object", hint="write it as 'package.module:object'")
    module_name, _, attribute = reference.partition(":")
    module = importlib.import_module(module_name)
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise PluginError(f"the module {module_name} has no {attribute!r}", where=reference) from None

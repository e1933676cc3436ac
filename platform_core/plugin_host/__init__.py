"""The plugin host: finds plugins, checks them, runs their code only when it is needed, and survives the bad ones.

A plugin moves through these states; only the host moves it:

==========  =======================================================================================================
discovered  an installed distribution has an entry point in ``verticore.plugins``; its manifest was read
verified    the manifest is sound, its name is unique and the SDK fits; none of its code has run
active      its solutions, operations and hooks are loaded and checked
disabled    somebody switched it off; kept in the database, applied before anything of it is imported
failed      it cannot be used, ``reason`` says why; whatever it had contributed is taken back
==========  =======================================================================================================

Listing (:meth:`PluginHost.plugins`) goes as far as *verified*. The first use of a solution, an operation or a hook
activates the plugin that owns it. The result never depends on the order in which plugins were installed.
"""

from platform_core.plugin_host.hooks import HookCaller
from platform_core.plugin_host.host import PluginHost
from platform_core.plugin_host.info import Finding, OfferedSolution, PluginInfo

__all__ = ["Finding", "HookCaller", "OfferedSolution", "PluginHost", "PluginInfo"]

"""The loop: what trains everything that has gradients, on one device or several, and survives what may happen to it.

It knows nothing of texts or solutions: it trains a *network* on *inputs* and asks *validation* how good it is. Its door
is :class:`platform_core.finetune.loop.loop.Loop`.
"""

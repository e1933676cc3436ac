"""From material to a model: in one training, or in one for each fold. Nothing is registered here."""

from __future__ import annotations

from platform_core.finetune.folding import learn_folds
from platform_core.finetune.material import Material
from platform_core.finetune.methods import Bench, prepare
from platform_core.finetune.single import HeldOut, Learned, Watch, learn_once, make_loop, primary_score, stepwise
from platform_core.modeling.artifact import build_head

__all__ = ["HeldOut", "Learned", "Watch", "assist", "learn", "primary_score", "uses_gradients"]


def learn(material: Material, bench: Bench, watch: Watch) -> Learned:
    """Learn what the recipe asks for.

    Raises:
        Interrupted: a stop was requested; the state of the loop is kept.
        TrainingFailed: the optimisation cannot go on.
        UsageError: the rows are too few for the folds of the recipe, or its network reads tokens.
    """
    if material.folds > 1:
        return learn_folds(material, bench, watch)
    return learn_once(material, bench, watch, prepare(material, bench))


def assist(material: Material, bench: Bench, watch: Watch) -> None:
    """Take part in the optimisation that the first process of ``bench.group`` leads; the rest is its own affair.

    Raises:
        Interrupted: a stop was requested in one of the processes.
        TrainingFailed: the optimisation cannot go on.
    """
    loop = make_loop(material, bench, watch, prepare(material, bench))
    if loop is not None:
        loop.run()


def uses_gradients(material: Material) -> bool:
    """Tell whether processes can share the steps; closed forms, and networks in folds, are one process's work."""
    return material.folds == 1 and stepwise(build_head(material.model.head, material.head_spec())) is not None

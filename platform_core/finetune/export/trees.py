"""Boosted trees as one operator of a graph: ``TreeEnsemble``, in double precision as LightGBM computes.

Converters of other packages go through single precision, where large numbers that differ (times, identifiers) become
equal, and take missing values for the default side whatever the split says; both change answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.sdk.heads import BoostedTrees, Features

DOMAIN, VERSION = "ai.onnx.ml", 5
_PLACE = "place"
_LEQ, _MEMBER = 0, 6
"""Modes of a branch: the value is at most the threshold, or one of a set."""

Node = Mapping[str, Any]


def put_trees_into_graphs(module: nn.Module) -> list[BoostedTrees]:
    """Make the boosted trees inside ``module`` fit for tracing, in place, and return them.

    Each is traced as one operator that knows only its place in the list; :func:`fill_in` gives it its trees.
    """
    found = [part for part in module.modules() if isinstance(part, BoostedTrees)]
    for place, trees in enumerate(found):
        setattr(trees, "forward", partial(_traced, trees, place))  # noqa: B010
    return found


def fill_in(model: Any, found: list[BoostedTrees]) -> None:
    """Give the operators of a traced graph their trees, in place.

    Args:
        model: an ``onnx_ir.Model``.
        found: what :func:`put_trees_into_graphs` returned.
    """
    for node in model.graph:
        if node.op_type == "TreeEnsemble":
            trees = found[node.attributes[_PLACE].as_int()]
            node.attributes.clear()
            node.attributes.update(tree_attributes(trees))


def tree_attributes(trees: BoostedTrees) -> dict[str, Any]:
    """Return the attributes of the operator ``TreeEnsemble`` that computes what ``trees`` do, as ``onnx_ir`` has them.

    The operator reads the trees' table, double [rows, columns], and gives raw scores, double [rows, classes].
    """
    import onnx_ir

    found: dict[str, Any] = {}
    for name, value in _Ensemble.of(trees).attributes().items():
        if isinstance(value, np.ndarray):
            found[name] = onnx_ir.AttrTensor(name, onnx_ir.tensor(value))
        else:
            found[name] = onnx_ir.AttrInt64s(name, value) if isinstance(value, list) else onnx_ir.AttrInt64(name, value)
    return found


def _traced(trees: BoostedTrees, place: int, features: Features) -> Tensor:
    """Do what ``BoostedTrees.forward`` does, with an operator in the trees' place."""
    table = torch.cat([features[name].double() for name in trees.reads if name in features], -1)
    raw: Tensor = torch.onnx.ops.symbolic(
        f"{DOMAIN}::TreeEnsemble",
        (table,),
        {_PLACE: place},
        dtype=torch.float64,
        shape=(table.shape[0], _columns(trees)),
        version=VERSION,
    )
    if trees.task == "regression":
        return raw.float()
    probabilities = raw.softmax(-1) if _columns(trees) > 1 else torch.cat((1 - raw.sigmoid(), raw.sigmoid()), -1)
    return trees.outputs_of(probabilities.float())


def _columns(trees: BoostedTrees) -> int:
    labels = len(trees.spec.labels)
    return labels if labels > 2 else 1


@dataclass
class _Ensemble:
    """The arrays of the operator: one entry per branch, and one per leaf."""

    columns: int
    roots: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)
    members: list[float] = field(default_factory=list)
    missing_goes_true: list[int] = field(default_factory=list)
    sides: dict[bool, list[tuple[int, int]]] = field(default_factory=lambda: {True: [], False: []})
    leaves: list[float] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, trees: BoostedTrees) -> _Ensemble:
        """Read LightGBM's trees."""
        import lightgbm

        ensemble = cls(_columns(trees))
        content = lightgbm.Booster(model_str=trees.model_text).dump_model()
        for index, tree in enumerate(content["tree_info"]):
            ensemble._add_tree(tree["tree_structure"], index % ensemble.columns)
        return ensemble

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the operator, as its specification names them."""
        found: dict[str, Any] = {
            "n_targets": self.columns,
            "tree_roots": self.roots,
            "nodes_featureids": self.inputs,
            "nodes_modes": np.array(self.modes, np.uint8),
            "nodes_splits": np.array(self.thresholds, np.float64),
            "nodes_missing_value_tracks_true": self.missing_goes_true,
            "leaf_weights": np.array(self.leaves, np.float64),
            "leaf_targetids": self.targets,
        }
        for side, name in ((True, "true"), (False, "false")):
            found[f"nodes_{name}nodeids"] = [place for place, _ in self.sides[side]]
            found[f"nodes_{name}leafs"] = [is_leaf for _, is_leaf in self.sides[side]]
        if self.members:
            found["membership_values"] = np.array(self.members, np.float64)
        return found

    def _add_tree(self, root: Node, target: int) -> None:
        place, is_leaf = self._add(root, target)
        if is_leaf:  # a root must be a branch: here both sides lead to the same leaf
            branch = self._add_branch(0, _LEQ, 0.0, missing_goes_true=True)
            self.sides[True][branch] = self.sides[False][branch] = place, is_leaf
            place = branch
        self.roots.append(place)

    def _add(self, node: Node, target: int) -> tuple[int, int]:
        """Add a node with all below it; return its place, and 1 if it is a leaf."""
        if "leaf_value" in node:
            self.leaves.append(node["leaf_value"])
            self.targets.append(target)
            return len(self.leaves) - 1, 1
        if node["decision_type"] == "==":  # a missing category is a category of its own, never NaN
            branch = self._add_branch(node["split_feature"], _MEMBER, 0.0, missing_goes_true=False)
            self.members += [*map(float, node["threshold"].split("||")), math.nan]
        else:
            # Where training saw nothing missing, LightGBM takes a missing number for 0.
            goes_left = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
            branch = self._add_branch(node["split_feature"], _LEQ, node["threshold"], missing_goes_true=goes_left)
        self.sides[True][branch] = self._add(node["left_child"], target)
        self.sides[False][branch] = self._add(node["right_child"], target)
        return branch, 0

    def _add_branch(self, column: int, mode: int, threshold: float, *, missing_goes_true: bool) -> int:
        self.inputs.append(column)
        self.modes.append(mode)
        self.thresholds.append(threshold)
        self.missing_goes_true.append(int(missing_goes_true))
        for places in self.sides.values():
            places.append((0, 0))
        return len(self.inputs) - 1

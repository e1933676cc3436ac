"""Gradient-boosted trees (LightGBM; Ke et al. 2017) on the table as it came."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from platform_core.sdk.errors import UsageError
from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.heads.fitted import FitData, Member
from platform_core.sdk.recipes import BoostingSettings

_SOURCES = ("numbers", "categories", "text")
_MANY_CELLS = 20_000_000


class BoostedTrees(Member):
    """Trees on numbers (missing ones included) and categories, and on the text's vector where there is a text.

    The trees are kept in LightGBM's text format. Levels are told apart like classes; a set of labels is not possible.
    All examples count alike, whatever the loss and class weights of the recipe: probabilities stay those of the data.
    ``spec.options["boosting"]`` holds :class:`~platform_core.sdk.recipes.BoostingSettings`.

    Raises:
        UsageError: the answer is a set of labels.
    """

    reads = _SOURCES
    trees: Tensor

    def __init__(self, spec: HeadSpec, answers: Head) -> None:
        super().__init__(spec, answers)
        if self.task == "multilabel":
            raise UsageError(
                "boosted trees answer one question, not a set of labels",
                where="members",
                hint="use the member linear or network, or both",
            )
        self.register_buffer("trees", torch.zeros(0, dtype=torch.uint8))
        self._booster: Any = None

    def fit(self, training: FitData, validation: FitData | None, *, seed: int) -> None:
        """Grow trees until the validation loss no longer falls (without validation: half of the most)."""
        import lightgbm

        settings = BoostingSettings.model_validate(self.spec.options.get("boosting", {}))
        parameters = self._booster_settings(settings, seed) | {"num_threads": _threads_for(training.features)}
        data = self._dataset(training)
        stopping: list[Any] = []
        held_out, rounds = [], max(1, settings.rounds // 2)
        if validation is not None:
            rounds = settings.rounds
            held_out = [self._dataset(validation, reference=data)]
            stopping = [lightgbm.early_stopping(settings.patience, verbose=False)]
        booster = lightgbm.train(parameters, data, rounds, valid_sets=held_out, callbacks=stopping)
        text = booster.model_to_string(num_iteration=booster.best_iteration or None)
        self.trees = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
        self._booster = None

    def forward(self, features: Features) -> Tensor:
        """Return outputs of the solution's kind, for features of the same batch."""
        table = _table(features)
        raw = self._loaded().predict(table.cpu().numpy(), num_threads=1)
        found = torch.from_numpy(raw).float().to(table.device)
        if self.task == "regression":
            return found.unsqueeze(-1)
        scores = torch.stack((1 - found, found), -1) if found.ndim == 1 else found
        return self.outputs_of(scores)

    @property
    def importance(self) -> list[float]:
        """Total gain of each input column: numbers, then categories, then the text's vector."""
        gains: list[float] = self._loaded().feature_importance("gain").tolist()
        return gains

    @property
    def model_text(self) -> str:
        """The trees in LightGBM's text format."""
        return self.trees.cpu().numpy().tobytes().decode()

    def _loaded(self) -> Any:
        if self._booster is None:
            import lightgbm

            self._booster = lightgbm.Booster(model_str=self.model_text)
        return self._booster

    def _dataset(self, data: FitData, reference: Any = None) -> Any:
        import lightgbm

        numbers = self.spec.feature_widths.get("numbers", 0)
        categories = range(numbers, numbers + self.spec.feature_widths.get("categories", 0))
        return lightgbm.Dataset(
            _table(data.features).numpy(),
            data.targets.flatten().numpy(),
            reference=reference,
            categorical_feature=list(categories),
            params={"verbose": -1},
            free_raw_data=False,
        )

    def _booster_settings(self, settings: BoostingSettings, seed: int) -> dict[str, Any]:
        objective: dict[str, Any] = {"objective": "multiclass", "num_class": len(self.spec.labels)}
        if self.task == "regression":
            objective = {"objective": "regression"}
        elif len(self.spec.labels) == 2:
            objective = {"objective": "binary"}
        return objective | {
            "learning_rate": settings.learning_rate,
            "num_leaves": settings.leaves,
            "min_data_in_leaf": settings.least_in_leaf,
            "feature_fraction": settings.columns,
            "bagging_fraction": settings.rows,
            "bagging_freq": 1,
            "lambda_l2": settings.l2,
            "max_cat_to_onehot": settings.one_hot,
            "min_data_per_group": settings.least_in_category,
            "cat_smooth": settings.category_smoothing,
            "cat_l2": settings.category_l2,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *arguments: Any) -> None:
        # How many bytes the trees take is known only from the file.
        self.trees = torch.empty_like(state_dict.get(f"{prefix}trees", self.trees))
        self._booster = None
        super()._load_from_state_dict(state_dict, prefix, *arguments)


def _threads_for(features: Features) -> int:
    """Return how many threads grow trees on so much data; 0: as many as there are cores.

    On little data threads mostly wait for each other, and where cores are shared they do so for long.
    """
    cells = sum(features[name].numel() for name in _SOURCES if name in features)
    return 1 if cells < _MANY_CELLS else 0


def _table(features: Features) -> Tensor:
    """Return numbers, categories and text side by side, double [rows, columns]."""
    return torch.cat([features[name].double() for name in _SOURCES if name in features], -1)

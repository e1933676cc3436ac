"""Model cards: what a version is, how good it is, what it is for and where it ends. Markdown for people, JSON twin.

After Mitchell et al., 2019, "Model Cards for Model Reporting". The fields of an evaluation have the names and shapes
of ``Evaluation.to_dict()``, so that a card is built with ``ModelCard(..., **evaluation.to_dict())``.
"""

from platform_core.registry.card.baselines import baseline_of
from platform_core.registry.card.command import command_of
from platform_core.registry.card.measured import (
    ClassRow,
    ConfusionTable,
    GapRow,
    Mistake,
    OperatingPointRow,
    ReliabilityRow,
    ResidualSummary,
    RiskSummary,
    RuleCountRow,
    RuleSummary,
    SliceRow,
    SliceTable,
    WeightingSummary,
)
from platform_core.registry.card.model import ModelCard
from platform_core.registry.card.origin import (
    AttemptRow,
    CalibrationSummary,
    CategorySummary,
    DataSummary,
    EncoderSummary,
    ExportSummary,
    NumberSummary,
    SelectionSummary,
    SpeedRow,
    TableSummary,
    TrainingSummary,
)
from platform_core.registry.card.text import render, save_card

__all__ = [
    "AttemptRow",
    "CalibrationSummary",
    "CategorySummary",
    "ClassRow",
    "ConfusionTable",
    "DataSummary",
    "EncoderSummary",
    "ExportSummary",
    "GapRow",
    "Mistake",
    "ModelCard",
    "NumberSummary",
    "OperatingPointRow",
    "ReliabilityRow",
    "ResidualSummary",
    "RiskSummary",
    "RuleCountRow",
    "RuleSummary",
    "SelectionSummary",
    "SliceRow",
    "SliceTable",
    "SpeedRow",
    "TableSummary",
    "TrainingSummary",
    "WeightingSummary",
    "baseline_of",
    "command_of",
    "render",
    "save_card",
]

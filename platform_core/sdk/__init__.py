"""The public API for plugin authors.

A plugin is a distribution with an entry point in the group ``verticore.plugins`` and a manifest next to it::

    # pyproject.toml
    [project.entry-points."verticore.plugins"]
    acme = "verticore_acme"

    # verticore_acme/plugin.toml
    name = "acme"
    version = "1.0.0"
    sdk = ">=0.1,<0.2"
    title = "Acme"
    [licences]
    code = "Apache-2.0"
    [[solutions]]
    id = "acme.tickets"
    object = "verticore_acme.tickets.solution:solution"
    title = "Ticket routing"

    # verticore_acme/tickets/solution.py
    from typing import Annotated
    from platform_core.sdk import CardNotes, ClassTarget, Example, NonBlank, Recipe, Sample, Solution, Text
    from platform_core.sdk.adapters import TableAdapter

    class Ticket(Example):
        text: Annotated[NonBlank, Text()]

    solution = Solution(id="acme.tickets", example=Ticket, target=ClassTarget(), adapters=(TableAdapter(),), ...)

``verticore plugins new acme`` writes all of it. Two more public rooms are imported only when asked for, because
they bring heavy libraries: :mod:`platform_core.sdk.heads` (torch) and :mod:`platform_core.sdk.adapters` (polars).
"""

from platform_core.sdk.decisions import Decision
from platform_core.sdk.errors import (
    BadInput,
    ColumnMissing,
    Conflict,
    DataError,
    DeadlineExceeded,
    EmptyData,
    FileMissing,
    FileUnreadable,
    IntegrityError,
    Interrupted,
    MemoryFull,
    ModelFailed,
    NotFound,
    Overloaded,
    PluginError,
    StorageFull,
    TrainingFailed,
    UnsafeArtifact,
    UsageError,
    VerticoreError,
    WorkspaceTooNew,
)
from platform_core.sdk.events import PredictionLogged, PromotionRequest, RunFinished, VersionPromoted, Veto
from platform_core.sdk.examples import (
    Category,
    Cell,
    Cells,
    Columns,
    Derived,
    Example,
    FieldMarker,
    History,
    Identity,
    Moment,
    NonBlank,
    Number,
    Past,
    Text,
    field_markers,
    only_field,
    open_field,
)
from platform_core.sdk.hookspecs import hookimpl
from platform_core.sdk.manifest import Licences, Manifest, OperationEntry, SolutionEntry
from platform_core.sdk.masking import Masked, Masker
from platform_core.sdk.moments import read_moment
from platform_core.sdk.progress import Progress, Silent
from platform_core.sdk.reading import (
    RESERVED_FIELDS,
    BadRecord,
    ColumnMapping,
    Place,
    Probe,
    RawTable,
    Record,
    Source,
)
from platform_core.sdk.recipes import (
    BoostingSettings,
    Choice,
    FitMember,
    FloatRange,
    IntRange,
    LoraTarget,
    Method,
    Range,
    Recipe,
    TableSettings,
)
from platform_core.sdk.references import ObjectRef, load_object
from platform_core.sdk.reviews import Remark, Review
from platform_core.sdk.solutions import Adapter, CardNotes, Operation, OperationContext, Sample, Solution, row_type
from platform_core.sdk.targets import (
    ClassTarget,
    LabelsTarget,
    NumberTarget,
    OrdinalTarget,
    Target,
    TargetValue,
    Task,
    task_of,
)

__version__ = "0.1.0"
"""Version of the SDK, independent of the product's. 0.x until five verticals stand on it."""

__all__ = [
    "RESERVED_FIELDS",
    "Adapter",
    "BadInput",
    "BadRecord",
    "BoostingSettings",
    "CardNotes",
    "Category",
    "Cell",
    "Cells",
    "Choice",
    "ClassTarget",
    "ColumnMapping",
    "ColumnMissing",
    "Columns",
    "Conflict",
    "DataError",
    "DeadlineExceeded",
    "Decision",
    "Derived",
    "EmptyData",
    "Example",
    "FieldMarker",
    "FileMissing",
    "FileUnreadable",
    "FitMember",
    "FloatRange",
    "History",
    "Identity",
    "IntRange",
    "IntegrityError",
    "Interrupted",
    "LabelsTarget",
    "Licences",
    "LoraTarget",
    "Manifest",
    "Masked",
    "Masker",
    "MemoryFull",
    "Method",
    "ModelFailed",
    "Moment",
    "NonBlank",
    "NotFound",
    "Number",
    "NumberTarget",
    "ObjectRef",
    "Operation",
    "OperationContext",
    "OperationEntry",
    "OrdinalTarget",
    "Overloaded",
    "Past",
    "Place",
    "PluginError",
    "PredictionLogged",
    "Probe",
    "Progress",
    "PromotionRequest",
    "Range",
    "RawTable",
    "Recipe",
    "Record",
    "Remark",
    "Review",
    "RunFinished",
    "Sample",
    "Silent",
    "Solution",
    "SolutionEntry",
    "Source",
    "StorageFull",
    "TableSettings",
    "Target",
    "TargetValue",
    "Task",
    "Text",
    "TrainingFailed",
    "UnsafeArtifact",
    "UsageError",
    "VersionPromoted",
    "VerticoreError",
    "Veto",
    "WorkspaceTooNew",
    "__version__",
    "field_markers",
    "hookimpl",
    "load_object",
    "only_field",
    "open_field",
    "read_moment",
    "row_type",
    "task_of",
]

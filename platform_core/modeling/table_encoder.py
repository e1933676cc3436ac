"""The network that reads tables: one embedding per column, then a perceptron over all of them.

Numbers are embedded piecewise-linearly over their quantiles, or periodically (Gorishniy, Rubachev & Babenko 2022, "On
Embeddings for Numerical Features in Tabular Deep Learning"); a missing value and an unseen category have embeddings of
their own. All preprocessing of numbers is arithmetic of this module, so an exported model carries it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from platform_core.modeling.table_schema import FIRST_KNOWN, TableSchema
from platform_core.sdk import TableSettings
from platform_core.sdk.heads import Dropout

_SOFT_LIMIT = 3.0
_FAR = 1e6
"""Beyond it, squashed numbers no longer differ; squares stay finite."""

_FREQUENCIES = 16
_FREQUENCY_SPREAD = 0.5


class TablePreprocessor(nn.Module):
    """Raw numbers and category codes → numbers near [-1, 1]; nothing is learned here.

    Args:
        schema: the columns, with their quantiles.
    """

    edges: Tensor
    widths: Tensor
    center: Tensor
    spread: Tensor
    used: Tensor

    def __init__(self, schema: TableSchema) -> None:
        super().__init__()
        columns = schema.numbers
        self.bins = max((len(c.edges) - 1 for c in columns), default=0)
        edges = torch.zeros(len(columns), self.bins, dtype=torch.float64)
        # An infinitely wide bin is never entered: it pads the columns that have fewer bins than others.
        widths = torch.full_like(edges, math.inf)
        for row, column in enumerate(columns):
            bounds = torch.tensor(column.edges, dtype=torch.float64)
            edges[row, : len(bounds) - 1] = bounds[:-1]
            widths[row, : len(bounds) - 1] = bounds.diff()
        self.register_buffer("edges", edges, persistent=False)
        self.register_buffer("widths", widths, persistent=False)
        for name in ("center", "spread"):
            values = torch.tensor([getattr(c, name) for c in columns], dtype=torch.float64)
            self.register_buffer(name, values, persistent=False)
        used = torch.tensor([len(c.edges) - 1 for c in columns], dtype=torch.float32)
        self.register_buffer("used", used, persistent=False)
        self._sizes = [len(c.values) + FIRST_KNOWN for c in schema.categories]
        self.width = 3 * len(columns) + sum(self._sizes)

    def ramps(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return how far each number is through each bin, float [rows, columns, bins], and where it is missing.

        Args:
            numbers: double [rows, columns], NaN where missing.
        """
        missing = numbers.isnan()
        filled = torch.where(missing, self.center, numbers)
        steps = ((filled.unsqueeze(-1) - self.edges) / self.widths).clamp(0.0, 1.0)
        return steps.float(), missing.float()

    def squashed(self, numbers: Tensor) -> Tensor:
        """Return numbers on a common scale, outliers bent towards ±3 (Holzmüller et al. 2024, RealMLP)."""
        filled = torch.where(numbers.isnan(), self.center, numbers)
        scaled = ((filled - self.center) / self.spread).clamp(-_FAR, _FAR).float()
        return scaled / torch.sqrt(1 + (scaled / _SOFT_LIMIT) ** 2)

    def dense(self, numbers: Tensor, categories: Tensor) -> Tensor:
        """Return ``dense``, float [rows, width]: scaled numbers, their quantiles, missing flags, one-hot categories."""
        steps, missing = self.ramps(numbers)
        quantiles = 2 * steps.sum(-1) / self.used - 1
        known = 1 - missing
        parts = [self.squashed(numbers) * known, quantiles * known, missing]
        for index, size in enumerate(self._sizes):
            parts.append(nn.functional.one_hot(categories[:, index], size).float())
        return torch.cat(parts, -1)


class TableEncoder(nn.Module):
    """A table's row → one vector per column, and one of all.

    Args:
        schema: the columns.
        settings: sizes and the embedding of numbers.

    Attributes:
        preprocessor: what turns raw numbers into its inputs.
        width: size of the vector of the whole row.
        embedding: size of the vector of one column.
    """

    offsets: Tensor

    def __init__(self, schema: TableSchema, settings: TableSettings) -> None:
        super().__init__()
        self.preprocessor = TablePreprocessor(schema)
        self._kind = settings.numbers
        self.embedding = settings.embedding
        columns = len(schema.numbers)
        inputs = {"piecewise": self.preprocessor.bins, "periodic": 2 * _FREQUENCIES + 1, "plain": 1}[self._kind]
        scale = 1 / math.sqrt(max(1, inputs))
        self.weight = nn.Parameter(torch.empty(columns, inputs, settings.embedding).uniform_(-scale, scale))
        self.bias = nn.Parameter(torch.zeros(columns, settings.embedding))
        self.missing = nn.Parameter(torch.zeros(columns, settings.embedding))
        if self._kind == "periodic":
            self.frequency = nn.Parameter(torch.randn(columns, _FREQUENCIES) * _FREQUENCY_SPREAD)
        sizes = [len(c.values) + FIRST_KNOWN for c in schema.categories]
        self.register_buffer("offsets", torch.tensor([0, *sizes[:-1]] if sizes else []).cumsum(0), persistent=False)
        self.categories = nn.Embedding(max(1, sum(sizes)), settings.embedding)
        nn.init.normal_(self.categories.weight, std=1 / math.sqrt(settings.embedding))
        self.width = settings.width
        layers: list[nn.Module] = []
        size = (columns + len(sizes)) * settings.embedding
        for _ in range(settings.layers):
            layers += [nn.Linear(size, settings.width), nn.ReLU(), Dropout(settings.dropout)]
            size = settings.width
        self.layers = nn.Sequential(*layers)

    def forward(self, numbers: Tensor, categories: Tensor) -> tuple[Tensor, Tensor]:
        """Return the row's vector, float [rows, width], and those of its columns, float [rows, columns, embedding].

        Args:
            numbers: double [rows, number columns], NaN where missing.
            categories: codes int64 [rows, category columns].
        """
        parts = []
        if numbers.shape[1]:
            inputs, missing = self._inputs(numbers)
            absent = missing.unsqueeze(-1)
            known = torch.einsum("rci,cie->rce", inputs, self.weight) + self.bias
            parts.append(known * (1 - absent) + self.missing * absent)
        if categories.shape[1]:
            parts.append(self.categories(categories + self.offsets))
        columns = torch.cat(parts, 1)
        vector: Tensor = self.layers(columns.flatten(1))
        return vector, columns

    def _inputs(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is embedded, float [rows, columns, inputs], and where a number is missing."""
        if self._kind == "piecewise":
            return self.preprocessor.ramps(numbers)
        missing = numbers.isnan().float()
        scaled = self.preprocessor.squashed(numbers).unsqueeze(-1)
        if self._kind == "plain":
            return scaled, missing
        angles = 2 * math.pi * self.frequency * scaled
        return torch.cat((angles.sin(), angles.cos(), scaled), -1), missing

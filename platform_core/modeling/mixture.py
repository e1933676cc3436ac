"""Encoders side by side: what follows the shared text encoder, and is a version's own and small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from platform_core.modeling.fusion import Attention, Concatenation
from platform_core.modeling.table_encoder import TableEncoder
from platform_core.modeling.table_schema import TableSchema
from platform_core.sdk import TableSettings
from platform_core.sdk.heads import BaggedHead, Features, Head

Fusion = Literal["concat", "attend"]


class Mixture(nn.Module):
    """Features of the single encoders → the features that heads read.

    Args:
        text_width: size of the text's vector; 0 where there is no text.
        schema: the table's columns, where there is a table.
        settings: of the table's network.
        fusion: how vectors become one.

    Attributes:
        widths: width of each feature.
    """

    def __init__(self, text_width: int, schema: TableSchema | None, settings: TableSettings, fusion: Fusion) -> None:
        super().__init__()
        self.table = TableEncoder(schema, settings) if schema is not None else None
        vectors = {"text": text_width} if text_width else {}
        parts = {}
        if self.table is not None:
            vectors["table"], parts["table"] = self.table.width, self.table.embedding
        self.fusion = Attention(vectors, parts) if fusion == "attend" else Concatenation(vectors)
        self.widths = {"pooled": self.fusion.width}
        if text_width:
            self.widths |= {"text": text_width, "tokens": text_width}
        if self.table is not None and schema is not None:
            sizes = {"numbers": len(schema.numbers), "categories": len(schema.categories)}
            self.widths |= sizes | {"dense": self.table.preprocessor.width}

    def forward(self, features: Features, wanted: tuple[str, ...]) -> Features:
        """Add to ``features`` those that are ``wanted`` and computed here; ``dense`` is not computed again."""
        found = dict(features)
        if self.table is not None and "dense" in wanted and "dense" not in features:
            found["dense"] = self.table.preprocessor.dense(features["numbers"], features["categories"])
        if "pooled" in wanted:
            vectors = {"text": features["text"]} if "text" in features else {}
            parts = {}
            if self.table is not None:
                vectors["table"], parts["table"] = self.table(features["numbers"], features["categories"])
            found["pooled"] = self.fusion(vectors, parts)
        return found


class Tail(nn.Module):
    """A mixture with its head.

    Args:
        mixture: makes the features that the head reads.
        head: what answers.
    """

    mixture: nn.Module

    def __init__(self, mixture: nn.Module, head: Head) -> None:
        super().__init__()
        self.mixture = mixture
        self.head = head

    @property
    def reads_tokens(self) -> bool:
        """Whether the head reads the states of all tokens."""
        return "tokens" in self.head.reads

    def forward(self, features: Features) -> Tensor:
        """Return the head's outputs for the features of the encoders, all of one batch."""
        outputs: Tensor = self.head(self.mixture(features, self.head.reads))
        return outputs


class FoldedTail(Tail):
    """The tails of a version whose head is a bag: each part of it follows the mixture that it learned with.

    Args:
        mixtures: one for each part, or one for all where nothing of it is learned.
        head: what answers.
    """

    head: BaggedHead
    mixture: nn.ModuleList

    def __init__(self, mixtures: Sequence[nn.Module], head: BaggedHead) -> None:
        super().__init__(nn.ModuleList(mixtures), head)

    def forward(self, features: Features) -> Tensor:
        """Return the head's outputs for the features of the encoders, all of one batch."""
        outputs, found = [], dict(features)
        for number, part in enumerate(self.head.parts):
            if number < len(self.mixture):
                found |= self.mixture[number](found, self.head.reads)  # what is not learned stays as it is
            outputs.append(part(found))
        return self.head.together(outputs)


class GraphTail(Tail):
    """Stands where a version's own networks are part of an exported graph: the outputs come from there.

    Args:
        head: scores and decodes; its weights are not used.
    """

    def __init__(self, head: Head) -> None:
        super().__init__(Mixture(0, None, TableSettings(), "concat"), head)

    @property
    def reads_tokens(self) -> bool:
        """False: the graph itself reads them."""
        return False

    def forward(self, features: Features) -> Tensor:
        """Return the head's outputs, which the graph has computed."""
        return features["outputs"]

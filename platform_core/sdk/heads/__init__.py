"""Heads: the small modules that solutions put on encoder features. Importing this room imports torch.

===========================  ================================================================
one of several classes       :class:`ClassificationHead`
one of two classes           :class:`BinaryHead`
one of several levels        :class:`OrdinalHead`
a set of labels              :class:`MultiLabelHead`
a number                     :class:`RegressionHead`
===========================  ================================================================

To write one's own: subclass one of them and override :meth:`~Head.forward`; or :class:`ClassAnswers`, which lacks
``forward``, ``loss``, ``scores`` and ``outputs_of``; or :class:`Head` itself. A head that learns in closed form is a
:class:`FitHead`.
"""

from platform_core.sdk.heads.bagged import BaggedHead
from platform_core.sdk.heads.base import Features, Head, HeadSpec, LinearHead
from platform_core.sdk.heads.blend import BlendHead
from platform_core.sdk.heads.boosting import BoostedTrees
from platform_core.sdk.heads.classification import BinaryHead, ClassAnswers, ClassificationHead
from platform_core.sdk.heads.dropout import Dropout
from platform_core.sdk.heads.fitted import Answering, FitData, FitHead, Member
from platform_core.sdk.heads.linear_probe import LinearProbe
from platform_core.sdk.heads.losses import binary_loss, class_loss, ordinal_loss
from platform_core.sdk.heads.multilabel import MultiLabelHead
from platform_core.sdk.heads.ordinal import OrdinalHead
from platform_core.sdk.heads.regression import RegressionHead

__all__ = [
    "Answering",
    "BaggedHead",
    "BinaryHead",
    "BlendHead",
    "BoostedTrees",
    "ClassAnswers",
    "ClassificationHead",
    "Dropout",
    "Features",
    "FitData",
    "FitHead",
    "Head",
    "HeadSpec",
    "LinearHead",
    "LinearProbe",
    "Member",
    "MultiLabelHead",
    "OrdinalHead",
    "RegressionHead",
    "binary_loss",
    "class_loss",
    "ordinal_loss",
]

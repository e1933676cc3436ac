"""Heads: the small modules that solutions put on encoder features. Importing this room imports torch."""

from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.heads.classification import ClassificationHead

__all__ = ["ClassificationHead", "Features", "Head", "HeadSpec"]

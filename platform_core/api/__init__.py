"""The HTTP API. Routes only translate; every error is a problem document (RFC 9457) with a stable ``code``."""

from platform_core.api.application import create_app
from platform_core.api.paths import predict_path

__all__ = ["create_app", "predict_path"]

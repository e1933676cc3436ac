"""Where things are."""

PREFIX = "/api/v1"


def predict_path(reference: str) -> str:
    """Return the path at which the model, version or alias ``reference`` answers."""
    return f"{PREFIX}/models/{reference}/predict"


def operation_path(operation: str) -> str:
    """Return the path at which the operation ``operation`` runs."""
    return f"{PREFIX}/operations/{operation}"

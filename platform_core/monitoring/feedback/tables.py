"""What people said of predictions and of examples; nothing is overwritten."""

from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow


class FeedbackRow(TenantRow, table=True):
    """The right answer to one example, as somebody gave it.

    Attributes:
        model: name of the model that it is for.
        solution: of the example.
        about: what is spoken of: ``<prediction>/<index>``, or the hash of an example that was sent.
        revision: 1 is the first word on it; the greatest is the one that counts.
        prediction: id of the request, where one was named.
        position: which of its examples.
        version: the version that answered.
        content: hash of the example.
        example: the finished example, as JSON types.
        target: the right answer: a label, a list of labels, or a number.
        answer: what the model had said, of the same kind.
    """

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("tenant", "model", "about", "revision"),)

    model: str
    solution: str
    about: str
    revision: int
    prediction: str | None = None
    position: int | None = None
    version: int | None = None
    content: str
    example: dict[str, Any] = Field(sa_type=JSON)
    target: Any = Field(sa_type=JSON, nullable=False)
    answer: Any = Field(default=None, sa_type=JSON, nullable=True)

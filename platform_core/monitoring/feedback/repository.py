"""All queries on feedback, for one tenant, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, delete, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from platform_core.monitoring.feedback.tables import FeedbackRow

_MOST_AT_ONCE = 500
"""Values in one query; databases have limits."""


class FeedbackRepository:
    """Reads and writes feedback."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, rows: Iterable[FeedbackRow]) -> None:
        """Write rows."""
        self._session.add_all(rows)
        self._session.flush()

    def last_words(self, model: str, about: Sequence[str]) -> dict[str, FeedbackRow]:
        """Return what counts of what was said about some things, by thing."""
        found: dict[str, FeedbackRow] = {}
        for start in range(0, len(about), _MOST_AT_ONCE):
            asked = about[start : start + _MOST_AT_ONCE]
            query = select(FeedbackRow).where(*self._of(model), self._is_last(), col(FeedbackRow.about).in_(asked))
            found |= {row.about: row for row in self._session.exec(query)}
        return found

    def words(
        self, model: str, *, since: datetime | None = None, most: int | None = None, every: bool = False
    ) -> list[FeedbackRow]:
        """Return what was said about a model, oldest first.

        Args:
            model: its name.
            since: from then on.
            most: only so many, the latest.
            every: whether also what counts no more.
        """
        query = select(FeedbackRow).where(*self._of(model))
        if not every:
            query = query.where(self._is_last())
        if since is not None:
            query = query.where(col(FeedbackRow.created_at) >= since)
        query = query.order_by(col(FeedbackRow.id).desc())
        return list(self._session.exec(query if most is None else query.limit(most)).all())[::-1]

    def count_of(self, subject: str, solution: str) -> int:
        """Return how many rows hold ``subject``, a keyed hash, in a field; of ``solution`` alone unless it is empty."""
        query = select(func.count()).select_from(FeedbackRow).where(*self._about_person(subject, solution))
        return self._session.exec(query).one()

    def erase(self, subject: str, solution: str) -> int:
        """Remove these rows, and return how many there were."""
        return self._session.exec(delete(FeedbackRow).where(*self._about_person(subject, solution))).rowcount

    def _is_last(self) -> ColumnElement[bool]:
        later = aliased(FeedbackRow)
        query = select(later.id).where(
            later.tenant == self._tenant,
            later.model == FeedbackRow.model,
            later.about == FeedbackRow.about,
            col(later.revision) > col(FeedbackRow.revision),
        )
        return ~query.exists()

    def _of(self, model: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return col(FeedbackRow.tenant) == self._tenant, col(FeedbackRow.model) == model

    def _about_person(self, subject: str, solution: str) -> list[ColumnElement[bool]]:
        held = cast(col(FeedbackRow.example), String).contains(f'"{subject}"', autoescape=True)
        of_solution = [col(FeedbackRow.solution) == solution] if solution else []
        return [col(FeedbackRow.tenant) == self._tenant, held, *of_solution]

"""All queries on runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from platform_core.finetune.tables import Run


class RunRepository:
    """The runs of one tenant, within one session."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, run: Run) -> None:
        """Insert a run."""
        self._session.add(run)

    def get(self, run_id: str) -> Run | None:
        """Return the run, or ``None``."""
        return self._session.exec(select(Run).where(Run.tenant == self._tenant, Run.id == run_id)).one_or_none()

    def all(self) -> Sequence[Run]:
        """Return all runs, newest first."""
        return self._session.exec(select(Run).where(Run.tenant == self._tenant).order_by(col(Run.id).desc())).all()

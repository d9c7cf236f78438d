"""The audit as every service answers it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from shared.kernel.audit import Link

LAST = 2**63 - 1
Name = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.:\-]{1,100}$")]


class AuditView(BaseModel):
    """One entry in its place of the chain."""

    n: int
    at: datetime
    actor: str
    roles: tuple[str, ...]
    action: str
    subject: str
    trace_id: str
    fields: tuple[str, ...]
    reason: str
    outcome: str
    digest: str


class AuditPage(BaseModel):
    """Newest first; ``next`` goes into ``before`` for the page behind."""

    entries: list[AuditView]
    next: int | None


def page_of(links: Sequence[Link], limit: int) -> AuditPage:
    """Return what was found as a page."""
    views = [AuditView(n=n, digest=made.hex(), **vars(entry)) for n, entry, made in links]
    return AuditPage(entries=views, next=links[-1].n if len(links) == limit else None)

"""``GET /v1/files`` and ``/v1/audit``: long lists in pages, newest first."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from services.ingest.desk import Desk
from services.ingest.domain.naming import masked
from services.ingest.domain.records import FilePlace, TakenFile
from shared.contracts.event import Code
from shared.crypto import FieldCipher
from shared.kernel.audit import Sought
from shared.web.access import Access
from shared.web.audit_page import LAST, AuditPage, Name, page_of
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

MOST = 200
Most = Annotated[int, Query(ge=1, le=MOST)]
Place = Annotated[int, Query(ge=1, le=LAST)]
Operator = Annotated[Access, allowed(Permission.FILES_READ)]
Auditor = Annotated[Access, allowed(Permission.AUDIT_READ)]


class FileView(BaseModel):
    """One file that is in; an account in ``name`` or ``scope`` is masked."""

    kind: str
    scope: str
    version: int
    name: str
    day: date | None
    good: int
    bad: int
    taken_at: datetime


class FilePage(BaseModel):
    """Newest first; ``next`` goes into ``after`` for the page behind."""

    files: list[FileView]
    next: str | None


def router(desk: Desk) -> APIRouter:
    """Return the two lists."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/files")
    async def list_files(
        access: Operator, limit: Most = 50, after: str | None = None, kind: Code | None = None
    ) -> FilePage:
        """List the files that are in."""
        place = _place(after, desk.cipher) if after is not None else None
        async with desk.open_records() as records:
            files = await records.files(place, kind, limit)
        more = _cursor(files[-1].place, desk.cipher) if len(files) == limit else None
        return FilePage(files=[_file(one) for one in files], next=more)

    @made.get("/v1/audit")
    async def read_audit(
        access: Auditor,
        limit: Most = 50,
        before: Place = LAST,
        actor: Name = None,
        subject: Name = None,
    ) -> AuditPage:
        """Read the audit; this is itself in the audit."""
        look = access.entry(desk.clock.now(), "audit.read", subject or actor or "all")
        async with desk.open_records() as records:
            links = await records.audit(Sought(before, limit, actor, subject))
            await records.trail.write(look)
        return page_of(links, limit)

    return made


def _file(taken: TakenFile) -> FileView:
    told = {**taken.place._asdict(), **{k: v for k, v in vars(taken).items() if k != "place"}}
    return FileView(**told | {"name": masked(taken.name), "scope": masked(taken.place.scope)})


_PLACE = TypeAdapter(tuple[AwareDatetime, str, str, int])
_CURSOR = "files.after"
"""The sealing context of a page's end: the scope of a statement holds an account."""


def _cursor(place: FilePlace, cipher: FieldCipher) -> str:
    return cipher.seal(_PLACE.dump_json(place).decode(), _CURSOR)


def _place(cursor: str, cipher: FieldCipher) -> FilePlace:
    try:
        return FilePlace(*_PLACE.validate_json(cipher.open(cursor, _CURSOR)))
    except ValueError:
        raise Refusal(400, "after: no such place") from None

"""``GET /v1/report-files``: the reports that nights have made; ``GET …/{file}``: one of them."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.profile.adapters import kept_reports
from services.profile.adapters.clients import Row
from services.profile.desk import Desk
from services.profile.list_views import Listed
from services.profile.pages import Cursor
from services.profile.reach import NOBODYS, sight
from services.profile.report_file_views import Files, FileView, in_words
from services.profile.report_files import FILES
from services.profile.report_scope import reached_units, whose
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission, Sight
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
PLACE = Cursor(trading_day=date, file=UUID)


def router(desk: Desk) -> APIRouter:
    """Return the list of the files, and each of them."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/report-files")
    async def list_files(access: Reader, asked: Annotated[Files, Query()]) -> Listed[FileView]:
        """List the files within reach, of the newest days first."""
        place = PLACE.read(asked.after) or {"trading_day": None, "file": None}
        wanted = asked.model_dump(exclude={"after", "limit"})
        said = in_words(wanted)
        async with desk.open_records() as records:
            rows = await kept_reports.listed(
                records,
                **wanted,
                units=reached_units(access.scope()),
                named=_sees_names(access),
                day=place["trading_day"],
                file=place["file"],
                most=asked.limit,
            )
            await records.note(access.entry(desk.clock.now(), "report-files.listed", said))
        views = [FileView.model_validate(row) for row in rows]
        return Listed(rows=views, next=PLACE.next(rows, asked.limit))

    @made.get(
        "/v1/report-files/{file}",
        response_class=Response,
        responses={
            **described(404),
            200: {"content": {one.media_type: {} for one in FILES.values()}},
        },
    )
    async def fetch_file(file: UUID, access: Reader) -> Response:
        """Return a file as it was made; out of reach it is not there. The audit takes it down."""
        look = access.entry(desk.clock.now(), "report.exported", f"file {file}")
        async with desk.open_records() as records:
            row = await kept_reports.one(records, file)
            granted = row is not None and _may(access, row)
            if granted and row is not None:
                look = replace(look, subject=kept_reports.named(row))
            await records.note(look if granted else replace(look, outcome="refused"))
        if row is None or not granted:
            raise Refusal(404, "no such file")
        return _attached(row)

    return made


def _may(access: Access, row: Row) -> bool:
    """Say whether the unit is reached, and whoever is named in the file may be seen."""
    seen = sight(access, whose(row["unit"])._asdict())
    return seen is not None and (seen is Sight.MASKED or not row["clients"])


def _sees_names(access: Access) -> bool:
    """Say whether the reader of the whole company sees names; who reaches less always does."""
    return not access.scope().everything or sight(access, NOBODYS) is Sight.MASKED


def _attached(row: Row) -> Response:
    name = f"{row['kind']}-{row['period']}-{row['unit'].replace(':', '-')}-r{row['revision']}"
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="{name}.{row["format"]}"',
        "ETag": f'"{row["sha256"]}"',
    }
    return Response(row["content"], media_type=FILES[row["format"]].media_type, headers=headers)

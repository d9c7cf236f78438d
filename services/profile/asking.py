"""提问 — what the lists are asked by, and how a page of one is answered and audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, Field, model_validator

from services.profile.adapters.clients import Row
from services.profile.adapters.listing import Listing, Wanted, listed
from services.profile.desk import Desk
from services.profile.list_views import Listed, OwnedView
from services.profile.pages import Cursor, Page
from services.profile.reach import sight
from shared.contracts.dealt import Exchange
from shared.contracts.event import Code
from shared.contracts.instruments import Instrument
from shared.kernel.audit import Entry
from shared.web.access import Access
from shared.web.permissions import Sight

LONGEST_SUBJECT = 100
V = TypeVar("V", bound=OwnedView)
KINDS: Mapping[str, Any] = {
    "bigint": Annotated[int, Field(ge=-(2**63), lt=2**63)],
    "text": Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")],
    "date": date,
    "timestamptz": AwareDatetime,
}
"""PostgreSQL's type of a column → what stands in a cursor."""


class Whose(Page):
    """Whose rows; what is left out is not asked."""

    account: Code | None = None
    client: Code | None = None
    manager: Code | None = None
    branch: Code | None = None
    introducing_broker: Code | None = Field(default=None, description="居间人")


class OfDays(Whose):
    """Of which trading days, both included."""

    day_from: date | None = None
    day_to: date | None = None


class OfInstruments(OfDays):
    """Of which instrument."""

    exchange: Exchange | None = None
    instrument: Instrument | None = None


class Flows(OfDays):
    """Which movements of money."""

    direction: (
        Literal["deposit", "withdrawal", "reversal", "deposit-reversed", "withdrawal-reversed"]
        | None
    ) = None


class Forced(OfDays):
    """Which forced liquidations."""

    status: Literal["open", "partly-filled", "filled", "cancelled", "rejected"] | None = None


class Funds(Whose):
    """Whose funds, sorted by what; ``ascending``: the smallest first, as to see who is short."""

    origin: Literal["direct", "introduced", "company"] | None = None
    sort: Literal["equity", "available", "margin", "deposit", "withdrawal", "at"] = "equity"
    ascending: bool = False


class SomeDays(Whose):
    """Of some days, both included; at most a year."""

    day_from: date
    day_to: date

    @model_validator(mode="after")
    def _a_year(self) -> "SomeDays":
        if not 0 <= (self.day_to - self.day_from).days <= 366:  # noqa: PLR2004 a year of days
            raise ValueError("day_to comes after day_from, by a year at most")
        return self


@dataclass(frozen=True)
class Question:
    """Answers a list: within the scope, masked, noted in the audit. ``name`` is the audit's."""

    name: str
    desk: Desk
    access: Access

    async def page(
        self, listing: Listing, view: type[V], asked: Page, up: bool = False
    ) -> Listed[V]:
        """Return a page of a list."""
        cursor = Cursor(**{name: KINDS[type_] for name, type_ in listing.order.items()})
        said = {n: v for n, v in asked.asked.items() if n not in ("sort", "ascending")}
        place = cursor.read(asked.after)
        wanted = Wanted(said, place, asked.limit, up)
        async with self.desk.open_records() as records:
            rows = await listed(records, listing, self.access.scope(), wanted)
            await records.note(self.entry(said))
        views = [view.model_validate(self.masked(row)) for row in rows]
        return Listed(rows=views, next=cursor.next(rows, asked.limit))

    def masked(self, row: Row) -> Row:
        """Return a row with the masked name, where this one may see it."""
        visible = sight(self.access, row) is Sight.MASKED
        return {**row, "name": row["display_name"] if visible else None}

    def entry(self, said: Mapping[str, Any]) -> Entry:
        """Return what the audit says: which list, asked by which codes and days."""
        told = " ".join(f"{name}={value}" for name, value in sorted(said.items()))
        at = self.desk.clock.now()
        return self.access.entry(at, f"{self.name}.listed", told[:LONGEST_SUBJECT] or "all")

"""客户基本资料 — CFMMC ``customer``: one row an account, with the person or company behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.ingest.domain.columns import shipped
from services.ingest.domain.person import Person, address, client_name, id_card, phone
from services.ingest.domain.positional import Positional
from services.ingest.domain.registry_cells import day, flag, of_the_files_day
from services.ingest.domain.rows import BadRow, code
from services.ingest.domain.source import Cells, Context
from services.ingest.domain.sources.relations import LONGEST_TYPE
from shared.contracts.topics import CUSTOMER

Status = Literal["open", "closed"]

STATUS: Mapping[str, Status] = {
    "开户": "open",
    "开": "open",
    "O": "open",
    "正常": "open",
    "销户": "closed",
    "销": "closed",
    "C": "closed",
}
DORMANT: Mapping[str, bool] = {"": False, "N": False, "否": False, "0": False} | {
    "Y": True,
    "是": True,
    "1": True,
    "休眠": True,
}
COMPANY_CODES = ("business_license_number", "organization_code")


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """An account's registration and its person; ``dormant`` is None where the file is shorter."""

    account: str
    status: Status
    opened_on: date | None
    customer_type: str
    dormant: bool | None
    person: Person


def read(cells: Cells, context: Context) -> CustomerRow:
    """Return the account and its person; a reason never quotes who it is."""
    of_the_files_day(cells, context)
    opening, kind = cells["opening_date"], cells["customer_type"]
    if not 0 < len(kind) <= LONGEST_TYPE:
        raise BadRow("customer_type", f"1 to {LONGEST_TYPE} characters expected")
    dormant = cells.get("is_dormant")
    return CustomerRow(
        account=code(cells["account_id"], "account_id"),
        status=flag(STATUS, cells["status"], "status"),
        opened_on=day(opening, "opening_date") if opening else None,
        customer_type=kind,
        dormant=None if dormant is None else flag(DORMANT, dormant, "is_dormant"),
        person=_person(cells),
    )


def _person(cells: Cells) -> Person:
    place = next((name for name in ("id_card", *COMPANY_CODES) if cells.get(name)), "id_card")
    return Person(
        name=client_name(cells["name"], "name"),
        phone=phone(cells["phone"], "phone"),
        id_card=id_card(cells.get(place, ""), place),
        address=address(cells["address"], "address"),
    )


source = Positional(
    name="customer",
    order=0,
    topic=CUSTOMER,
    pattern=re.compile(r"\d*customer(?P<day>\d{8})\.txt", re.IGNORECASE),
    read=read,
    dated=True,
    personal=True,
    columns=shipped()["customer"],
)

"""目录文件 — staff, relations, baselines and agreements as the broker exports them.

UTF-8 CSV with a header.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from deploy.synthetic.people import Person
from deploy.synthetic.population import Client, Signed
from deploy.synthetic.situations import situation

ENCODING = "utf-8"
STAFF = (
    "staff_id",
    "name",
    "role",
    "branch_id",
    "leader_id",
    "wecom_userid",
    "mobile",
    "email",
    "duty_hours",
    "successor_id",
)
RELATIONS = (
    "account",
    "customer_id",
    "customer_name",
    "customer_type",
    "manager_id",
    "branch_id",
    "introducing_broker",
    "since",
)
BASELINES = (
    "account",
    "opened_on",
    "last_trade_on",
    "last_position_on",
    "risk_level",
    "risk_level_until",
    "certificate_until",
    "birthday",
    "occupation",
    "income_source",
)
AGREEMENTS = ("account", "kind", "starts_on", "ends_on", "note")


def staff(people: Iterable[Person]) -> Iterator[str]:
    """Write the broker's people."""
    yield _line(STAFF)
    for person in people:
        yield _line(
            (
                person.staff_id,
                person.name,
                person.role,
                person.branch_id,
                person.leader_id,
                person.wecom_userid,
                person.mobile,
                f"{person.staff_id}@broker.example",
                "",
                "",
            )
        )


def relations(clients: Iterable[Client], strangers: Collection[str]) -> Iterator[str]:
    """Write whose client each account is; nobody has the strangers."""
    yield _line(RELATIONS)
    for client in clients:
        if client.account not in strangers:
            yield _line(
                (
                    client.account,
                    client.customer_id,
                    client.customer_name,
                    client.customer_type,
                    client.manager.staff_id,
                    client.manager.branch_id,
                    "",
                    client.opened_on.isoformat(),
                )
            )


def baselines(clients: Iterable[Client]) -> Iterator[str]:
    """Write what daily files do not tell of the accounts' past."""
    yield _line(BASELINES)
    for client in clients:
        dates = (client.opened_on, client.last_trade_on, client.last_position_on)
        ends = (client.risk_level_until, client.certificate_until)
        person = situation(client.customer_id, client.customer_type)
        yield _line((client.account, *map(_date, dates), "C3", *map(_date, ends), *person))


def agreements(signed: Iterable[Signed]) -> Iterator[str]:
    """Write what was agreed with the clients, and until when."""
    yield _line(AGREEMENTS)
    for one in signed:
        yield _line((one.account, one.kind, _date(one.starts_on), _date(one.ends_on), ""))


def _date(day: date | None) -> str:
    return day.isoformat() if day else ""


def _line(cells: Sequence[str]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="").writerow(cells)
    return made.getvalue()

"""What is looked at or exported at the terminal is in the audit, in PostgreSQL."""

import asyncio
import getpass
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from deploy.cli import build
from services.ingest.adapters.books import books_of
from shared.db.audit import page
from shared.db.session import engine
from shared.kernel.audit import Sought
from shared.settings import PostgresSettings
from tests.kit.ingest import BLIND, FIELD_KEY, INDEX_KEY, cusfund, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.registry import CUSTOMERS, PHONE, customer

STAFF = "staff_id,name,role,mobile\nm001,王大明,manager,13812345678\n"
TAKEN = [
    ("folder:drop", "directory.changed", "staff", "granted"),
    ("folder:drop", "directory.changed", "customer", "granted"),
]


class Site:
    """A database of its own with a closed day in it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def guanchao(self, *arguments: str, answer: str = "") -> Result:
        env = {
            "INGEST_POSTGRES__DSN": self.dsn,
            "INGEST_FIELD_KEYS": json.dumps({"k1": FIELD_KEY}),
            "INGEST_INDEX_KEYS": json.dumps({"b1": INDEX_KEY}),
        }
        return CliRunner().invoke(build(), [*arguments], env=env, input=answer)

    async def tell(self) -> None:
        bound = engine(PostgresSettings(dsn=SecretStr(self.dsn)), "ingest", 2)
        broker = Broker(books_of(bound))
        await broker.drop_text("staff.csv", STAFF)
        await broker.drop(
            CUSTOMERS, customer("80012345"), customer("80012346", id_card="2", phone="1")
        )
        await broker.post(withdrew("3", account="80012345"))
        await broker.drop(FUNDS, fundchg("80012345", "-5"))
        await broker.drop(SETTLED, cusfund("80012345", "5"))
        await bound.dispose()

    def audited(self) -> list[tuple[str, str, str, str]]:
        """Return who did what to what, the oldest first."""

        async def looked() -> list[tuple[str, str, str, str]]:
            bound = engine(PostgresSettings(dsn=SecretStr(self.dsn)), "ingest", 1)
            try:
                async with bound.connect() as connection:
                    links = reversed(await page(connection, Sought()))
                    return [(e.actor, e.action, e.subject, e.outcome) for _, e, _ in links]
            finally:
                await bound.dispose()

        return asyncio.run(looked())


@pytest.fixture
def site(fresh_database: Callable[..., str]) -> Site:
    made = Site(fresh_database("ingest"))
    asyncio.run(made.tell())
    return made


def test_differences_and_the_directory_are_shown_to_nobody_unknown(site: Site) -> None:
    assert "80012345" in site.guanchao("ingest", "differences", "2026-06-01", "--csv").stdout
    shown = site.guanchao("ingest", "differences", "2026-06-01").stdout
    assert ("***345" in shown, "80012345" in shown) == (True, False)
    assert "m001" in site.guanchao("directory", "show", "m001").stdout
    assert site.guanchao("directory", "show", "13812345678").exit_code == 2
    me = f"cli:{getpass.getuser()}"
    assert site.audited() == [
        *TAKEN,
        (me, "differences.exported", "2026-06-01", "granted"),
        (me, "differences.read", "2026-06-01", "granted"),
        (me, "directory.read", "m001", "granted"),
        (me, "directory.read", "***678", "refused"),
    ]


def test_the_files_that_are_in_are_listed(site: Site, tmp_path: Path) -> None:
    listed = site.guanchao("ingest", "files", "--folder", str(tmp_path))
    assert (listed.exit_code, listed.stdout.count("✓")) == (0, 4), listed.output
    assert "cusfund  第 1 版 edition  好 good 1  坏 bad 0" in listed.stdout
    one = site.guanchao("ingest", "files", "--folder", str(tmp_path), "--kind", "staff", "--watch")
    assert (one.exit_code, one.stdout.count("✓")) == (0, 1), one.output


def test_a_client_is_found_by_phone_and_the_phone_is_nowhere(site: Site) -> None:
    found = site.guanchao("directory", "find", answer=f"+86 {PHONE}\n")
    assert (found.exit_code, "***345" in found.stdout) == (0, True), found.output
    assert not any(clear in found.stdout for clear in ("80012345", "***346", "张小明"))
    assert site.guanchao("directory", "find", answer="13900000000\n").exit_code == 2
    me = f"cli:{getpass.getuser()}"
    assert site.audited() == [
        *TAKEN,
        (me, "clients.searched", f"phone:{BLIND.entry('phone', PHONE)}", "granted"),
        (me, "clients.searched", f"phone:{BLIND.entry('phone', '13900000000')}", "refused"),
    ]

"""``guanchao ingest close-day`` over the real PostgreSQL: refused, closed, closed again."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from deploy.cli import build
from services.ingest.adapters.books import books_of
from shared.db.audit import page
from shared.db.session import engine
from shared.kernel.audit import Sought
from shared.settings import PostgresSettings
from tests.integration.test_ingest_books import bodies
from tests.kit.ingest import BEFORE, BROKER, DAY, cusfund, executed, withdrew
from tests.kit.ingest_broker import SETTLED, Broker

KEY = base64.b64encode(bytes(range(32))).decode()
EARLIER = SETTLED.replace("20260601", "20260529")


class Site:
    """A database of its own; nothing in it is closed by files."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.env = {
            "INGEST_POSTGRES__DSN": dsn,
            "INGEST_BROKER": BROKER,
            "INGEST_FIELD_KEYS": json.dumps({"k1": KEY}),
        }

    def close(self, *arguments: str, day: str = f"{DAY}", answer: str = "") -> Result:
        told = ["ingest", "close-day", day, *arguments]
        return CliRunner().invoke(build(), told, env=self.env, input=answer)

    def tell(self) -> None:
        async def told() -> None:
            async with self._database() as database:
                broker = Broker(books_of(database))
                await broker.drop(EARLIER, cusfund("1", "5", day=BEFORE))
                await broker.post(withdrew("3", account="2"), executed("T1", 1, account="3"))
                await broker.drop(SETTLED, cusfund("1", "5"), cusfund("2", "7"))

        asyncio.run(told())

    def events(self) -> list[str]:
        async def told() -> list[str]:
            async with self._database() as database:
                return [event["type"] for event in await bodies(database)]

        return asyncio.run(told())

    def audited(self) -> list[tuple[str, str, tuple[str, ...]]]:
        async def looked() -> list[tuple[str, str, tuple[str, ...]]]:
            async with self._database() as database, database.connect() as connection:
                links = await page(connection, Sought())
                return [(one.entry.action, one.entry.subject, one.entry.fields) for one in links]

        return asyncio.run(looked())

    @contextlib.asynccontextmanager
    async def _database(self) -> AsyncIterator[AsyncEngine]:
        bound = engine(PostgresSettings(dsn=SecretStr(self.dsn)), "ingest", 2)
        yield bound
        await bound.dispose()


@pytest.fixture
def site(fresh_database: Callable[..., str]) -> Site:
    return Site(fresh_database("ingest"))


def test_a_day_is_closed_when_nothing_is_missing_and_once(site: Site) -> None:
    nothing = site.close("--yes")
    assert (nothing.exit_code, "没有一个账户有结算资金" in nothing.stderr) == (2, True)
    site.tell()
    missing = site.close("--yes")
    assert (missing.exit_code, "1 个账户没有这一天的结算资金：3" in missing.stderr) == (2, True)
    asked = site.close("--without", "3", answer="n\n")
    assert (asked.exit_code, "day.closed" in site.events()) == (1, False)
    done = site.close("--without", "3", answer="y\n")
    assert (done.exit_code, "✓ 2026-06-01  已收市" in done.stdout) == (0, True)
    again = site.close()
    assert (again.exit_code, "早已收市" in again.stdout) == (0, True)
    assert site.events().count("day.closed") == 1
    assert site.events()[-1] == "day.closed"
    assert site.audited() == [("day.closed", "2026-06-01", ("settled=2", "without=3"))]
    later = site.close("--yes", day="2026-05-29")
    assert (later.exit_code, "更晚的一天已经收市" in later.stderr) == (2, True)


def test_a_day_that_is_none_is_refused(site: Site) -> None:
    for day, why in (("2026-06-06", "不是交易日"), ("2099-01-05", "日历")):
        refused = site.close("--yes", day=day)
        assert (refused.exit_code, why in refused.stderr) == (2, True)

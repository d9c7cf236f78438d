"""A replica that pulls a broker's table until killed: ``python -m tests.kit.pull_process``."""

import asyncio
import sys

from pydantic import SecretStr

from services.ingest.adapters.books import books_of
from services.ingest.adapters.pull import PulledTable
from services.ingest.agent.pulling import Pull, Pulling
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.pull_settings import PullSettings
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit.ingest import BROKER, DAY
from tests.kit.ingest_broker import Broker
from tests.kit.profiles import profile

FLOW = """
name: flow
takes: funds
columns:
  account: 账号
  serial: id
  amount: {column: 金额, positive: deposit}
  happened_at: at
"""


def pulling(ours: str, theirs: str, batch: int) -> Pulling:
    """Return a pull of a broker's ``flow`` into our database."""
    settings = PullSettings(
        url=SecretStr(theirs), profile="flow", table="flow", watermark="at", key="id", batch=batch
    )
    books = books_of(engine(PostgresSettings(dsn=SecretStr(ours)), "ingest", 2))
    mapper = Mapper(profile(FLOW), BROKER, "pull")
    pull = Pull("flow", mapper, settings.watermark, settings.key, settings.overlap, batch, DAY)
    table = PulledTable(settings, [c.column for c in mapper.profile.columns.values()])
    return Pulling(pull, table, Broker(books).intake)


async def main(ours: str, theirs: str) -> None:
    replica = pulling(ours, theirs, 20)
    while True:
        await replica.round()
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""别的去路 — a company whose days reach ingest by statements, or by tables of its own counter.

What neither can say comes as from every broker: the directory, and the registry files of CFMMC,
which follow the day's books here, so that one of them can close the day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from deploy.synthetic import statement, tables
from deploy.synthetic.account_day import AccountDay, account_days
from deploy.synthetic.company import Company, File
from deploy.synthetic.statement_day import paper
from deploy.synthetic.tables import TABLES
from shared.kernel.trading_day import TradingDay

BOTH_LAYOUTS_EVERY = 10  # of so many accounts one gets 逐笔 besides 盯市, in a file of its own
PAGE = 60  # lines

NONSENSE = {
    "资金流水": "89999901,{day},x-1,{day},NaN,,人民币,银期转账",
    "成交明细": "89999904,{day},上期所,rb2610,x-2,买,开仓,NaN,1.00,{day} 10:00:00,0,0,0",
    "持仓明细": "89999904,{day},上期所,rb2610,买,NaN,1.00,1.00,0,0,0",
    "资金对账表": "89999903,{day},NaN,NaN,NaN,NaN,NaN,0,0",
}
"""Rows of the play's day that no reader may take, of accounts that do not exist."""


class Books(Company):
    """A company that tells its days by ``papers``."""

    def settlement_files(self, day: TradingDay, *, whole: bool = True) -> tuple[File, ...]:
        """Return a day's papers and then its registry files; an epilogue has those of everybody."""
        return (*self.papers(day, 1), *self.registry_files(day, whole=whole))

    def corrected_files(self, day: TradingDay) -> tuple[File, ...]:
        """Return the day's papers once more, as they should have been."""
        return self.papers(day, 2)

    def papers(self, day: TradingDay, edition: int) -> tuple[File, ...]:
        """Return what says everything of the day but the registry."""
        raise NotImplementedError

    def played(self, day: date) -> bool:
        """Say whether it is the day of somebody's play."""
        return any(cast.stage.day == day for cast in self.casts)


class ByStatement(Books):
    """结算单: one file with everybody's 盯市, and for some accounts 逐笔 besides."""

    def papers(self, day: TradingDay, edition: int) -> tuple[File, ...]:
        days = list(account_days(self, day, edition))
        others = (
            File(statement.file_name(one.account, day), statement.ENCODING, _printed(one, "tbt"))
            for one in days[::BOTH_LAYOUTS_EVERY]
        )
        return (self._together(day, days), *others)

    def _together(self, day: TradingDay, days: list[AccountDay]) -> File:
        def lines() -> Iterator[str]:
            for one in days:
                yield from _printed(one, "mtm")
            if self.played(day):
                yield from _nobodys(day)

        return File(f"结算单_{day:%Y%m%d}.txt", statement.ENCODING, lines())


def _printed(one: AccountDay, layout: str) -> Iterator[str]:
    return statement.printed(paper(one, layout), PAGE)


def _nobodys(day: date) -> Iterator[str]:
    """Print the statement of an account that does not exist, with figures that are none."""
    figures = {"客户权益 Client Equity": "一百万", "可用资金 Fund Avail.": "NaN"}
    return statement.printed(statement.Paper("89999901", "无名", f"{day:%Y%m%d}", "mtm", figures))


class ByTable(Books):
    """表: one file a table and day; ``formats``: the table's title → how its file's name ends."""

    formats: ClassVar[Mapping[str, str]]

    def papers(self, day: TradingDay, edition: int) -> tuple[File, ...]:
        days = list(account_days(self, day, edition))
        return tuple(
            File(f"{title}_{day:%Y%m%d}.{ending}", _ENCODINGS[ending], self._lines(title, days))
            for title, ending in self.formats.items()
        )

    def _lines(self, title: str, days: list[AccountDay]) -> Iterator[str]:
        yield from tables.lines(TABLES[title], days, self.calendar)
        if days and self.played(days[0].day):
            yield NONSENSE[title].format(day=days[0].day)


class ByExport(ByTable):
    """导出文件: some as CSV, some to be made workbooks of."""

    formats = MappingProxyType(
        {"资金流水": "csv", "成交明细": "csv", "持仓明细": "xlsx", "资金对账表": "xlsx"}
    )


class ByDatabase(ByTable):
    """数据库: rows for the tables of the broker's own database; who holds what no query can say."""

    formats = MappingProxyType({"资金流水": "sql", "成交明细": "sql", "资金对账表": "sql"})


_ENCODINGS = {"csv": "gb18030", "xlsx": "utf-8", "sql": "utf-8"}

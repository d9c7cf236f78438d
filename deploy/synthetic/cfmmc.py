"""监控中心报送文件 — the writer of ``fundchg`` and ``cusfund``.

'@' between the columns, no header, GB18030, dates as yyyy-MM-dd, amounts in 元; the columns are
those of the appendix, in its order, written here line by line and shared with no reader.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from deploy.synthetic.book import Balance, Moved, yuan

ENCODING = "gb18030"
REPORTING_UNIT = "0001"  # 报送单位代码
PLEDGE = FX_PLEDGE = FX_REDEMPTION = FX_PLEDGE_OCCUPIED = PREMIUM = FROZEN = BILL_MARGIN = "0.00"
SETTLEMENT_MEMBER = "N"  # 非结算会员: no


def file_name(kind: str, day: date) -> str:
    """Return ``<unit><kind><yyyymmdd>.txt``.

    >>> file_name("cusfund", date(2026, 6, 1))
    '0001cusfund20260601.txt'
    """
    return f"{REPORTING_UNIT}{kind}{day:%Y%m%d}.txt"


def fundchg(day: date, movements: Iterable[Moved]) -> Iterator[str]:
    """Write 出入金: twelve columns, + in, - out."""
    for moved in movements:
        yield (
            f"{day}@{moved.account}@{yuan(moved.amount)}@1@6225880{moved.account}@1@955880001"
            f"@{moved.memo}@{SETTLEMENT_MEMBER}@CNY@2@{moved.on}"
        )


def cusfund(day: date, balances: Iterable[Balance]) -> Iterator[str]:
    """Write 客户资金: twenty-three columns, both ways of reckoning alike (nothing is pledged)."""
    for at in balances:
        equity, opening, profit = yuan(at.equity), yuan(at.opening), yuan(at.profit)
        call = yuan(max(0, -at.available))
        risk = f"{at.margin * 100 / at.equity:.2f}" if at.equity > 0 else "0.00"
        yield (
            f"{day}@{at.account}@{equity}@{yuan(at.available)}@{call}@{risk}"
            f"@{opening}@{opening}@{equity}@{equity}@{profit}@{profit}@0.00"
            f"@{PLEDGE}@{SETTLEMENT_MEMBER}@CNY@{equity}@{FX_PLEDGE}@{FX_REDEMPTION}"
            f"@{FX_PLEDGE_OCCUPIED}@{PREMIUM}@{FROZEN}@{BILL_MARGIN}"
        )

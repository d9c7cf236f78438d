"""分群字段 — what a condition may ask of an account: its name, kind, and where it stands.

The one table of fields: the SQL, the check of a condition and the documentation read it.
Aliases: r relations, c clients, f live_funds, g registrations, b baselines.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.money import to_li

LONGEST, MOST_WORDS = 100, 200
MONTH_START, TODAY = "month-start", "today"
LARGEST = 2**62
ORDERED = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Kind:
    """A kind of values: what compares them, how PostgreSQL holds one, how one is read.

    ``read`` raises ``ValueError`` with what is wanted, in Chinese and English.
    """

    operators: tuple[str, ...]
    type: str
    read: Callable[[Any], Any]


def _money(value: Any) -> int:
    try:
        amount = Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
        fits = amount.is_finite() and abs(amount) < LARGEST // 1000 and amount == round(amount, 3)
        yuan = to_li(amount) if fits else None
    except (InvalidOperation, ValueError):
        yuan = None
    if yuan is None or isinstance(value, bool):
        raise ValueError('要元，到厘，如 "500000" · an amount in 元, such as "500000"')
    return yuan


def _ratio(value: Any) -> Decimal:
    try:
        ratio = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        ratio = Decimal("NaN")
    if not ratio.is_finite() or abs(ratio) > LARGEST or ratio.adjusted() < -20:  # noqa: PLR2004
        raise ValueError('要比例，如 "0.8" · a ratio as text, such as "0.8"')
    return ratio


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise ValueError("要整数 · a whole number")
    return value


def _day(value: Any) -> date | str:
    if value in (MONTH_START, TODAY):
        return str(value)
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        said = f"要 YYYY-MM-DD、{MONTH_START} 或 {TODAY} · a day, {MONTH_START} or {TODAY}"
        raise ValueError(said) from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("要 true 或 false · true or false")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise ValueError("要文字，100 个字以内 · text of at most 100 characters")
    return value


KINDS: Mapping[str, Kind] = {
    "money": Kind(ORDERED, "bigint", _money),
    "ratio": Kind(ORDERED, "numeric", _ratio),
    "count": Kind(ORDERED, "bigint", _count),
    "day": Kind(ORDERED, "date", _day),
    "flag": Kind(("=", "!="), "boolean", _flag),
    "word": Kind(("=", "!=", "in"), "text", _word),
    "words": Kind(("has",), "text", _word),
}


@dataclass(frozen=True)
class Field:
    """``sql``: of one account; ``{since}`` in it is the first of the last ``days`` trading days."""

    kind: str
    said: str
    sql: str

    @property
    def windowed(self) -> bool:
        """Say whether a condition names a number of trading days."""
        return "{since}" in self.sql


_OPENED = "coalesce(b.opened_on, g.opened_on)"
_DAYS = (
    "(SELECT {sum} FROM account_days d WHERE d.broker = r.broker AND d.account = r.account"
    " AND d.trading_day >= {since} AND {which})"
)


def _over(sum_: str, which: str = "true") -> str:
    return _DAYS.replace("{sum}", sum_).replace("{which}", which)


_NIGHT = (
    "(SELECT n.{column} FROM indicators n WHERE n.broker = r.broker AND n.account = r.account AND"
    " n.trading_day = (SELECT max(m.trading_day) FROM indicators m WHERE m.broker = :broker))"
)


def _night(column: str) -> str:
    """Return an indicator of the newest night that is computed."""
    return _NIGHT.replace("{column}", column)


FIELDS: Mapping[str, Field] = {
    "equity": Field("money", "权益 equity", "f.equity"),
    "available": Field("money", "可用 available", "f.available"),
    "margin": Field("money", "保证金 margin", "f.margin"),
    "risk_degree": Field(
        "ratio",
        "风险度：保证金 ÷ 权益 margin ÷ equity; unknown without equity",
        "f.margin / nullif(greatest(CAST(f.equity AS numeric), 0), 0)",
    ),
    "opened_on": Field("day", "开户日 day of opening", _OPENED),
    "opened_days": Field(
        "count", "开户至今的自然日 days since opening", f"CAST(:day AS date) - {_OPENED}"
    ),
    "closed": Field("flag", "已销户 closed", "g.status = 'closed'"),
    "dormant": Field("flag", "休眠 dormant", "g.dormant"),
    "signed": Field(
        "flag",
        "银期已签约 signed with a bank",
        "EXISTS (SELECT FROM bank_accounts x WHERE x.broker = r.broker AND x.account = r.account"
        " AND x.signed)",
    ),
    "funded": Field(
        "flag",
        "入过金或有权益 has equity, or was paid into",
        "(coalesce(f.equity > 0, false) OR EXISTS (SELECT FROM flows x WHERE x.broker = r.broker"
        " AND x.account = r.account AND x.direction = 'deposit'))",
    ),
    "traded": Field(
        "flag",
        "交易过 has traded, as baseline or trades tell",
        "(b.last_trade_on IS NOT NULL OR EXISTS (SELECT FROM trades x WHERE x.broker = r.broker"
        " AND x.account = r.account AND x.cancelled IS NOT TRUE))",
    ),
    "reactivated_on": Field(
        "day",
        "最近一次休眠重激活 last dormancy_reactivation alert that was not withdrawn",
        "(SELECT max(x.trading_day) FROM alerts x WHERE x.broker = r.broker"
        " AND x.account = r.account AND x.rule = 'dormancy_reactivation'"
        " AND x.state IS DISTINCT FROM 'withdrawn')",
    ),
    "held_lots": Field(
        "count",
        "现在的持仓手数 lots held now",
        "(SELECT coalesce(sum(x.lots), 0) FROM positions x WHERE x.broker = r.broker"
        " AND x.account = r.account)",
    ),
    "traded_days": Field(
        "count", "有成交的交易日 days traded", _over("count(*)", "d.traded_lots > 0")
    ),
    "traded_lots": Field("count", "成交手数 lots traded", _over("coalesce(sum(d.traded_lots), 0)")),
    "deposits": Field("money", "入金 deposits", _over("coalesce(sum(d.deposit), 0)")),
    "withdrawals": Field("money", "出金 withdrawals", _over("coalesce(sum(d.withdrawal), 0)")),
    "average_equity": Field("money", "日均权益 average equity", _night("average_equity")),
    "profit": Field("money", "窗口里的盈亏 profit in the window", _night("profit")),
    "return_rate": Field("ratio", "收益率 return", _night("return_rate")),
    "drawdown_rate": Field("ratio", "最大回撤 largest drawdown", _night("drawdown_rate")),
    "close_today_ratio": Field(
        "ratio", "平今仓比例 lots closed on their day ÷ closed", _night("close_today_ratio")
    ),
    "style": Field("word", "交易风格 style: intraday, mixed or trend", _night("style")),
    "idle_days": Field("count", "未交易的交易日 trading days without a trade", _night("idle_days")),
    "tier": Field("count", "RFM 层，1–5 RFM tier", _night("tier")),
    "churn": Field("word", "流失风险 churn: low, middle or high", _night("churn")),
    "size": Field("word", "规模 size: large, middle or small", _night("size")),
    "activity": Field("word", "活跃 activity: dormant, key, active or normal", _night("activity")),
    "manager": Field("word", "经理 manager", "r.manager_id"),
    "branch": Field("word", "分支机构 branch", "r.branch_id"),
    "introducing_broker": Field("word", "居间人 introducing broker", "r.introducing_broker"),
    "related_on": Field("day", "归现任经理之日 day of the relation", "r.since"),
    "kind": Field("word", "person company special other", "c.kind"),
    "risk_level": Field("word", "适当性等级 suitability level", "b.risk_level"),
    "risk_level_until": Field("day", "适当性到期 end of suitability", "b.risk_level_until"),
    "certificate_until": Field("day", "证件到期 end of the certificate", "b.certificate_until"),
    "tags": Field(
        "words",
        "来源文件的标签名 names of the tags that sources tell",
        "ARRAY(SELECT jsonb_object_keys(CASE WHEN jsonb_typeof(c.tags) = 'object'"
        " THEN c.tags END))",
    ),
}

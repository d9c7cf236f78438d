"""背景 — what directory files tell of an account becomes canonical events: its past, agreements."""

from services.ingest.domain.fact import OWN_SOURCES, Fact, account_fact, digest
from services.ingest.domain.normalise import statement_time
from services.ingest.domain.sources.agreements import AgreementRow
from services.ingest.domain.sources.baselines import BaselineRow
from shared.contracts.trading import (
    AccountBaselined,
    Agreement,
    AgreementRecorded,
    Baseline,
    account_key,
)
from shared.kernel.trading_day import TradingDay


def baselined(broker: str, row: BaselineRow, day: TradingDay, version: int) -> Fact:
    """账户基线 — an account's past, as known on ``day``; ``version`` counts its changes."""
    data = Baseline(
        broker=broker,
        account=row.account,
        trading_day=day,
        source="file",
        opened_on=row.opened_on,
        last_trade_on=row.last_trade_on,
        last_position_on=row.last_position_on,
        risk_level=row.risk_level,
        risk_level_until=row.risk_level_until,
        certificate_until=row.certificate_until,
    )
    return account_fact(
        AccountBaselined(
            id=f"{row.account}/{version}",
            source=f"{OWN_SOURCES}baselines",
            subject=account_key(broker, row.account),
            time=statement_time(day),
            data=data,
        )
    )


def agreement_name(row: AgreementRow) -> str:
    """Return what names an agreement for ever; the kind is any text, so only its digest is used."""
    return f"{row.account}/{digest([row.kind, row.starts_on])[:16]}"


def agreed(broker: str, row: AgreementRow, day: TradingDay, version: int) -> Fact:
    """协议 — an agreement as known on ``day``; ``version`` counts its changes."""
    data = Agreement(
        broker=broker,
        account=row.account,
        trading_day=day,
        source="file",
        kind=row.kind,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        note=row.note,
    )
    return account_fact(
        AgreementRecorded(
            id=f"{agreement_name(row)}/{version}",
            source=f"{OWN_SOURCES}agreements",
            subject=account_key(broker, row.account),
            time=statement_time(day),
            data=data,
        )
    )

"""列 — the columns of the CFMMC files of trading and holding, as of a version of the format.

Facts taken from the named source; the official interface specification was not at hand. A line may
lack what follows the last column that is needed, and may have more columns than we know.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from services.ingest.domain.source import Cells, ColumnMap, Context, Positional
from shared.contracts.topics import ACCOUNT

VERSION = "hf-auto-script 0.1.4"
R = TypeVar("R")


def daily(
    name: str, order: int, read: Callable[[Cells, Context], R], columns: ColumnMap
) -> Positional[R]:
    """Return a CFMMC file of a trading day, which may have nothing to say."""
    return Positional(
        name=name,
        order=order,
        topic=ACCOUNT,
        pattern=re.compile(rf"\d*{name}(?P<day>\d{{8}})\.txt"),
        read=read,
        dated=True,
        may_be_empty=True,
        columns=columns,
    )


def _columns(at_least: int, names: str) -> ColumnMap:
    return ColumnMap(VERSION, tuple(names.split()), at_least)


TRDDATA = _columns(
    16,
    """
    date investor_id trade_id instrument_id direction volume price turnover trade_time offset
    hedge_flag mtm_pl tbt_pl commission trading_code exchange_flag is_non_settlement_member order_id
    seat_id currency trade_date
    """,
)
OPTTRDDATA = _columns(
    18,
    """
    date investor_id trade_id instrument_id direction volume premium_price premium_amount trade_time
    offset_flag hedge_flag commission option_type strike_price underlying_product
    underlying_instrument trading_code exchange_flag is_trading_member order_number seat_number
    currency trade_date is_hedging_combination contract_code
    """,
)
LIQUIDDETAILS = _columns(
    13,
    """
    date account_id instrument_id trade_id direction close_price open_price volume pre_settle_price
    settle_price profit_mtm profit_tbt original_trade_id trading_code currency trade_date
    """,
)
OPTLIQUIDDETAILS = _columns(
    13,
    """
    date account_id instrument_id trade_id direction close_price open_price volume pre_settle_price
    settle_price premium open_premium original_trade_id trading_code currency trade_date
    is_covered_strategy profit_mtm profit_tbt
    """,
)
HOLDDATA = _columns(
    14,
    """
    date account_id instrument_id direction hedge_flag volume margin mtm_pl tbt_pl avg_price
    pre_set_price set_price trading_code exchange_flag is_settlement_member currency
    is_covered_strategy is_component
    """,
)
OPTHOLDDATA = _columns(
    18,
    """
    date account_id instrument_id direction hedge_flag volume margin mtm_pl tbt_pl avg_price
    pre_set_price set_price trading_code exchange_flag is_non_settlement_member currency option_type
    execute_price underlying_product underlying_instrument is_covered_strategy is_component
    """,
)
HOLDDETAILS = _columns(
    7,
    """
    date account_id instrument_id trade_id direction hedge_flag volume open_price pre_set_price
    set_price mtm_pl tbt_pl trading_code margin currency trade_date is_covered_strategy is_component
    """,
)
DELIVDETAILS = _columns(
    11,
    """
    date account_id instrument_id direction avg_price turnover delivery_settle_price delivery_goods
    volume commission profit trading_code currency
    """,
)
OTHERFUND = _columns(
    5,
    """
    date investor_id exchange_flag item_id amount memo trading_code is_non_settlement_member
    currency
    """,
)

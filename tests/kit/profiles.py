"""Profiles of the tests, and files that they read."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from services.ingest.adapters.profiles import SHIPPED, load
from services.ingest.domain.profiles.profile import Profile
from services.ingest.domain.profiles.source import Profiled, source_of
from tests.kit.ingest import BROKER

ESUNNY, CTP = SHIPPED / "esunny-funds.yaml", SHIPPED / "ctp-balances.yaml"
FLOW = "资金账号,交易日,发生时间,流水号,出入标志,发生金额,原流水号,币种,渠道"


def source(path: Path) -> Profiled:
    """Return a shipped profile as a kind of file."""
    found = source_of(load(path), BROKER)
    assert found
    return found


def flow(*rows: str) -> bytes:
    """Return a fund flow as an Esunny-style counter exports it."""
    return "\r\n".join([FLOW, *rows]).encode("gb18030")


def balances(*rows: Sequence[Any], sheet: str = "资金对账表") -> bytes:
    """Return a workbook as CTP's settlement system exports it."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    book.set_properties({"created": datetime(2026, 6, 1)})  # noqa: DTZ001 the same bytes each time
    page = book.add_worksheet(sheet)
    page.write(0, 0, "资金对账表")
    page.write(1, 0, "日期：20260601")
    header = (
        "投资者代码 投资者名称 期初权益 入金 出金 手续费 保证金 期末权益 平仓盈亏 持仓盈亏 可用资金"
    )
    page.write_row(2, 0, header.split())
    for number, row in enumerate(rows, 3):
        page.write_row(number, 0, row)
    book.close()
    return held.getvalue()


def profile(text: str) -> Profile:
    """Return a profile from YAML."""
    return Profile.model_validate(yaml.safe_load(text))

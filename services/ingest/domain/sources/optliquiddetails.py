"""期权平仓明细 — CFMMC ``optliquiddetails``: as ``liquiddetails``, its columns in another order."""

from services.ingest.domain.columns import daily
from services.ingest.domain.sources.liquiddetails import read

source = daily("optliquiddetails", 5, read)

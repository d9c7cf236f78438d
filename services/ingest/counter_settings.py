"""What ingest must be told of a counter; without it no native library is ever looked for."""

from pathlib import Path

from pydantic import Field, PositiveInt, SecretStr

from shared.settings import Part

FRONT = r"^(tcp|ssl)://[A-Za-z0-9.\-]+:\d{1,5}$"


class CtpSettings(Part):
    """CTP 风控流 — the risk user API. ``broker_id``: CTP's number of the broker.

    ``library``: the binding's module. ``rehearsal``: an exchange test's front, whose events reach
    nobody. ``room``: records between the library's thread and the loop, before the library waits.
    """

    front: str = Field(pattern=FRONT)
    broker_id: str = Field(min_length=1, max_length=10)
    user_id: str = Field(min_length=1, max_length=15)
    password: SecretStr
    library: str = Field(default="ctp_risk.ctp_trade", pattern=r"^[A-Za-z_][\w.]*$")
    rehearsal: bool = False
    room: PositiveInt = 20_000


class CtpTraderSettings(CtpSettings):
    """CTP 交易 API — one simulated account, for a demo. ``broker_id``: CTP's number of the broker.

    ``user_id``: the investor. ``app_id``, ``auth_code``: of the program, where the front wants
    them. ``library``: the wheel's module. ``flow_folder``: where the library keeps its files.
    """

    user_id: str = Field(min_length=1, max_length=12)
    library: str = Field(default="openctp_ctp.thosttraderapi", pattern=r"^[A-Za-z_][\w.]*$")
    app_id: str = Field(default="", max_length=32)
    auth_code: SecretStr = SecretStr("")
    flow_folder: Path

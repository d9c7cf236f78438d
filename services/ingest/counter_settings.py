"""What ingest must be told of a counter; without it no native library is ever looked for."""

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

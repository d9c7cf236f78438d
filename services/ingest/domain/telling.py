"""Facts of a day's file, written without building their models: there are many of them.

The bytes are those of the contract's ``encode()``: the rows have passed its checks already, and a
test holds the two to each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from services.ingest.domain.fact import OWN_SOURCES, Fact, Identity
from services.ingest.domain.normalise import Edition, statement_time
from shared.contracts.topics import ACCOUNT
from shared.contracts.trading import account_key


@dataclass(frozen=True)
class Teller:
    """Tells what an edition of a kind's file says."""

    broker: str
    kind: str
    edition: Edition

    def tell(self, type_: str, name: str, body: Mapping[str, object]) -> Fact:
        """Return a fact. ``name`` is its own within the edition; ``body`` has an ``account``."""
        day, version = self.edition.day, self.edition.version
        id_, source = f"{day}/{version}/{name}", f"{OWN_SOURCES}{self.kind}"
        subject = account_key(self.broker, str(body["account"]))
        data = {
            "broker": self.broker,
            "account": body["account"],
            "trading_day": day,
            "source": "file",
            "rehearsal": False,
            "backfill": False,
            **body,
        }
        event = {
            "specversion": "1.0",
            "id": id_,
            "source": source,
            "type": type_,
            "subject": subject,
            "time": statement_time(day),
            "datacontenttype": "application/json",
            "data": data,
        }
        body_ = msgspec.json.encode(event)
        return Fact(Identity(source, id_), ACCOUNT.name, subject, type_, body_)

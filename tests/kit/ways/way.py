"""The ways: CFMMC's files, statements, exported tables, and a database that is pulled.

By each of them comes what a settlement says: money that moved, trades, holdings, balances, with
the corrections. By push comes in every way what none of them can say: the minutes of the clock,
what happens during the day (movements, intraday balances, forced orders), and the counter's own
word on a day before the files. By files of their own come the directory (who, whose, agreed until
when) and the registry of CFMMC (customer, cuscode, cusaccount).

A statement, and a query, say nothing of the day as a whole: there the last of the registry files
closes it, as ``INGEST_CLOSING`` may say. A query cannot say what somebody no longer holds either:
the lots stand in the balances. What has no reader in a statement (other fees) raises no alert.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.synthetic.company import Company, File
from deploy.synthetic.other_papers import ByDatabase, ByExport, ByStatement
from tests.kit.ways import profiles
from tests.kit.ways.profiles import BALANCES, PULLS

REGISTRY, BOTH_FILES = ("cuscode",), ("flow-of-day", "balances-of-day")


@dataclass(frozen=True)
class Way:
    """``teller``: the source under which ingest tells its balances.

    ``profiles``: what the operator wrote; ``pulls``: table → the name of its pull.
    """

    company: type[Company]
    teller: str
    closing: Sequence[str] = ("fundchg", "cusfund")
    profiles: Sequence[str] = ()
    pulls: Mapping[str, str] = field(default_factory=dict)

    def place(self, file: File) -> int:
        """Return where a file stands among those of several days that come together.

        A database is filled with all of them before the days' files follow: what moved and traded,
        and then what it came to. Else they stand as they are.
        """
        table = file.name.partition("_")[0]
        return (table == BALANCES) + 2 * (table not in self.pulls) if self.pulls else 0

    def settings(self, folder: Path, database: str) -> dict[str, str]:
        """Return what ingest is told besides, its profiles in a folder of their own."""
        folder.mkdir(parents=True)
        for number, profile in enumerate(self.profiles):
            (folder / f"{number}.yaml").write_text(profile, encoding="utf-8")
        told = {
            "INGEST_CLOSING": json.dumps(self.closing),
            "INGEST_PROFILES": str(folder),
            "INGEST_FILE_REST_SECONDS": "0.1",
            "INGEST_SWEEP_SECONDS": "0.05",
        }
        for table, name in self.pulls.items():
            told |= _pull(table, name, database)
        return told


def _pull(table: str, name: str, database: str) -> dict[str, str]:
    told = {
        "URL": database,
        "PROFILE": f"{name}-table",
        "TABLE": table,
        "WATERMARK": "id",
        "KEY": "id",
        "PERIOD_SECONDS": "1",
        "LIVE_FROM": "2024-01-02",  # a season of days that are past on the wall
    }
    return {f"INGEST_PULLS__{name.upper()}__{key}": value for key, value in told.items()}


WAYS: Mapping[str, Way] = {
    "cfmmc": Way(Company, "cusfund"),
    "statements": Way(ByStatement, "statement", REGISTRY),
    "exports": Way(ByExport, "balances-of-day", BOTH_FILES, profiles.FILES),
    "database": Way(ByDatabase, "balances-table", REGISTRY, profiles.TABLES, PULLS),
}

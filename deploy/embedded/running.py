"""Is a stack running on this machine, and where? For commands that were told no address."""

import json
import re
from pathlib import Path

from deploy.embedded.address import address
from deploy.embedded.credentials import gateway
from deploy.embedded.ports import Ports
from deploy.embedded.roster import Roster
from deploy.embedded.state import HOME, Secrets

FOLDERS = (HOME / "run", HOME / "demo")
_LISTENER = re.compile(r"^listeners=PLAINTEXT://127\.0\.0\.1:(\d+)", re.MULTILINE)
_TO_BASE = Ports.at(0).kafka


def environment(state: Path | None = None) -> dict[str, str]:
    """Return the services' variables for the stack in a folder, or in a usual one; or nothing."""
    for folder in FOLDERS if state is None else (state,):
        ports = ports_of(folder)
        if ports is not None:
            return {
                "MOT_KAFKA__BROKERS": f"127.0.0.1:{ports.kafka}",
                "MOT_VALKEY__URL": f"redis://127.0.0.1:{ports.valkey}/0",
                **_with_secrets(folder, ports),
            }
    return {}


def _with_secrets(folder: Path, ports: Ports) -> dict[str, str]:
    """Only the folder's owner can read its secrets; nobody else is told."""
    from deploy.embedded.processes import BROKER  # noqa: PLC0415 only where a stack runs

    try:
        secrets = Secrets(**json.loads((folder / "secrets.json").read_text(encoding="utf-8")))
    except OSError:
        return {}
    dsn = address(ports.postgres, secrets.postgres_password)
    return {
        "INGEST_POSTGRES__DSN": dsn,
        "NOTIFY_POSTGRES__DSN": dsn,
        "PROFILE_POSTGRES__DSN": dsn,
        **secrets.ingest,
        **secrets.profile,
        "INGEST_KAFKA__BROKERS": f"127.0.0.1:{ports.kafka}",
        "INGEST_BROKER": BROKER,
        "INGEST_DROP_FOLDER": str(folder / "drop"),
        "NOTIFY_KAFKA__BROKERS": f"127.0.0.1:{ports.kafka}",
        "PROFILE_KAFKA__BROKERS": f"127.0.0.1:{ports.kafka}",
        "PROFILE_BROKER": BROKER,
        "EMBEDDED_IDENTITY": secrets.identity,
        **gateway(ports),
        "NOTIFY_BROKER": BROKER,
        "NOTIFY_VALKEY__URL": f"redis://127.0.0.1:{ports.valkey}/0",
        "NOTIFY_HTTP__PORT": f"{ports.notify}",
        "NOTIFY_CONSOLE_URL": f"http://127.0.0.1:{ports.notify}",
        "NOTIFY_LINK_KEY": secrets.link_key,
        "NOTIFY_FIELD_KEYS": json.dumps({"k1": secrets.field_key}),
    }


def ports_of(folder: Path) -> Ports | None:
    """Return the ports of the stack that runs in a state folder; None: none does."""
    try:
        if "kafka" not in Roster(folder / "processes.json").alive():
            return None
        said = (folder / "kafka" / "server.properties").read_text(encoding="utf-8")
    except OSError:  # another user's
        return None
    found = _LISTENER.search(said)
    return Ports.at(int(found[1]) - _TO_BASE) if found else None

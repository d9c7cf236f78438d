"""服务: the table of what runs over the stores, and what each program is told.

Every variable that a service reads is named here and in its own settings, nowhere else.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import identity
from deploy.embedded.asking import answers
from deploy.embedded.credentials import gateway
from deploy.embedded.identity import Identity
from deploy.embedded.ports import Ports
from deploy.embedded.program import Program, Recipe, stop_all
from deploy.embedded.stack import Stores

ROOT = Path(__file__).parents[2]
BROKER = "demo"
SERVICES = ("ingest", "mot", "notify", "profile")
ASKED = ("ingest", "notify", "profile")  # by people, with tokens
MIGRATED = ("ingest", "notify", "profile")
PROGRAMS = ("sandbox", *SERVICES)


@dataclass(frozen=True)
class Chain:
    """The services and the gateway over some stores, with their files in one folder.

    ``simulated``: time is what the synthetic broker says, not the wall's. ``dsn``: another database
    than the stores' own. ``extra``: variables on top, for a test. ``counter``: the broker's stream
    comes from a simulated CTP counter.
    """

    stores: Stores
    ports: Ports
    folder: Path
    simulated: bool
    dsn: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    counter: bool = False

    @property
    def _keys(self) -> Path:
        return self.folder / "jwks.json"

    @property
    def drop(self) -> Path:
        """Where the broker's files are dropped."""
        return self.folder / "drop"

    def url(self, name: str) -> str:
        """Return the address of a service or of the gateway."""
        return f"http://127.0.0.1:{getattr(self.ports, name)}"

    def environment(self) -> dict[str, str]:
        """Return the variables of all the services; each reads those with its own prefix."""
        counter = self._counter() if self.counter else {}
        services = {**self._ingest(), **self._mot(), **self._notify(), **self._profile()}
        return {**self._common(), **services, **counter, **self.extra}

    def _common(self) -> dict[str, str]:
        told = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        for name in SERVICES:
            prefix = name.upper()
            told[f"{prefix}_KAFKA__BROKERS"] = self.stores.kafka
            told[f"{prefix}_HTTP__HOST"] = "127.0.0.1"
            told[f"{prefix}_HTTP__PORT"] = str(getattr(self.ports, name))
        for name in ASKED:
            told |= identity.variables(name, self._keys)
        return told

    def _ingest(self) -> dict[str, str]:
        return {
            "INGEST_POSTGRES__DSN": self.dsn or self.stores.postgres_dsn,
            "INGEST_BROKER": BROKER,
            "INGEST_DROP_FOLDER": str(self.drop),
            "INGEST_CLOCK": "source" if self.simulated else "wall",
            **self.stores.secrets.ingest,
            "INGEST_PUSH_KEY": self.stores.secrets.push_key,
        }

    def _counter(self) -> dict[str, str]:
        return {
            "INGEST_CTP__FRONT": f"tcp://127.0.0.1:{self.ports.counter}",
            "INGEST_CTP__BROKER_ID": "9999",
            "INGEST_CTP__USER_ID": "risk",
            "INGEST_CTP__PASSWORD": self.stores.secrets.push_key,
            "INGEST_CTP__LIBRARY": "deploy.synthetic.ctp.binding",
        }

    def _mot(self) -> dict[str, str]:
        return {
            "MOT_VALKEY__URL": self.stores.valkey_url,
            "MOT_DATA_FOLDER": str(self.folder / "mot"),
            "MOT_INSTANCE_ID": "mot-1",  # after a kill it has its partitions back at once
        }

    def _notify(self) -> dict[str, str]:
        return {
            "NOTIFY_POSTGRES__DSN": self.dsn or self.stores.postgres_dsn,
            "NOTIFY_VALKEY__URL": self.stores.valkey_url,
            "NOTIFY_FIELD_KEYS": json.dumps({"k1": self.stores.secrets.field_key}),
            "NOTIFY_BROKER": BROKER,
            "NOTIFY_LINK_KEY": self.stores.secrets.link_key,
            "NOTIFY_CLOCK": "ticks" if self.simulated else "wall",
            "NOTIFY_ESCALATES": json.dumps(not self.simulated),  # in a play nobody answers
            "NOTIFY_CONSOLE_URL": self.url("notify"),
            **gateway(self.ports),
        }

    def _profile(self) -> dict[str, str]:
        return {
            "PROFILE_POSTGRES__DSN": self.dsn or self.stores.postgres_dsn,
            "PROFILE_BROKER": BROKER,
            "PROFILE_INSTANCE_ID": "profile-1",
            **self.stores.secrets.profile,
        }

    def program(self, name: str) -> Program:
        """Return a service by its name, or the gateway (``sandbox``)."""
        port = getattr(self.ports, name)
        return Program(
            Recipe(
                name=name,
                argv=(sys.executable, "-m", *self._modules()[name]),
                log=self._log(name),
                ready=lambda: answers(port),
                env=self.environment(),
                prepare=self._make_folders,
            ),
            self.stores.state.roster,
        )

    def broker(self, speed: float) -> Program:
        """Return the synthetic broker that lives its own days, ``speed`` times as fast as ours."""
        argv = ("run", *self._synthetic_options(), "--speed", str(speed))
        return self._synthetic("broker", argv)

    def day(self, seed: int) -> Program:
        """Return the synthetic broker that plays one day and judges what arrived."""
        return self._synthetic("day", ("demo", *self._synthetic_options(), "--seed", str(seed)))

    def _synthetic_options(self) -> tuple[str, ...]:
        return (
            *("--ingest", self.url("ingest"), "--sandbox", self.url("sandbox")),
            *("--status", self.url("mot"), "--status", self.url("notify")),
            *("--drop", str(self.drop), "--state", str(self.folder / "synthetic")),
            *(("--counter", str(self.ports.counter)) if self.counter else ()),
        )

    def _synthetic(self, name: str, argv: tuple[str, ...]) -> Program:
        told = {"SYNTHETIC_PUSH_KEY": self.stores.secrets.push_key}
        return Program(
            Recipe(
                name=name,
                argv=(sys.executable, "-m", "deploy.synthetic", *argv),
                log=self._log(name),
                ready=lambda: True,
                env={**self._common(), **told},
                prepare=self._make_folders,
                finite=True,
            ),
            self.stores.state.roster,
        )

    def _modules(self) -> dict[str, tuple[str, ...]]:
        clock = "posted" if self.simulated else "wall"
        ports = ("--port", str(self.ports.sandbox), "--smtp-port", str(self.ports.smtp))
        where = (*ports, "--folder", str(self.folder / "sandbox"))
        services = {name: (f"services.{name}",) for name in SERVICES}
        return {**services, "sandbox": ("deploy.sandbox", *where, "--clock", clock)}

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _make_folders(self) -> None:
        for folder in map(self.folder.joinpath, ("drop", "mot", "sandbox", "synthetic")):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        Identity(self.stores.secrets.identity).publish(self._keys)

    def migrate(self) -> None:
        """Bring the schemas of the services to the newest version; raise Refusal when one fails."""
        programs = [self._migration(name) for name in MIGRATED]
        try:
            for program in programs:
                program.start()
            for program in programs:
                program.wait_done()
        finally:
            stop_all(programs)

    def _migration(self, name: str) -> Program:
        argv = (sys.executable, "-m", f"services.{name}", "migrate")
        log, roster = self._log(name), self.stores.state.roster
        recipe = Recipe(f"{name} migrate", argv, log, ready=lambda: False, env=self.environment())
        return Program(recipe, roster)

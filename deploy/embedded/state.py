"""状态目录: everything that one stack knows, used by one launcher at a time."""

import base64
import fcntl
import hmac
import json
import os
import pwd
import secrets
import shutil
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path

from deploy.embedded.refusal import Refusal
from deploy.embedded.roster import Roster

LOCK = "guanchao.lock"
HOME = Path(__file__).parents[2] / ".guanchao"


@dataclass(frozen=True, repr=False)
class Secrets:
    """Made once per state folder, readable by its owner alone; ``field_key``: base64, 32 bytes."""

    postgres_password: str
    field_key: str
    link_key: str
    push_key: str

    @classmethod
    def new(cls) -> "Secrets":
        field_key = base64.b64encode(secrets.token_bytes(32)).decode()
        return cls(secrets.token_urlsafe(24), field_key, *(secrets.token_urlsafe(32) for _ in "lp"))

    @property
    def index_key(self) -> str:
        """The key of the blind index, base64: follows from the field key, and never back to it."""
        key = base64.b64decode(self.field_key)
        return base64.b64encode(hmac.digest(key, b"blind index", "sha256")).decode()

    @property
    def identity(self) -> str:
        """What the identity provider's key is made of; nothing else follows from it."""
        return hmac.digest(self.link_key.encode(), b"identity", "sha256").hex()

    @property
    def ingest(self) -> dict[str, str]:
        """The keys that ingest and its commands need, as its variables."""
        return {
            "INGEST_FIELD_KEYS": json.dumps({"k1": self.field_key}),
            "INGEST_INDEX_KEYS": json.dumps({"b1": self.index_key}),
        }

    @property
    def profile(self) -> dict[str, str]:
        """The same keys as profile's variables: it finds and opens what ingest has sealed."""
        return {name.replace("INGEST_", "PROFILE_", 1): keys for name, keys in self.ingest.items()}


class StateFolder:
    """Locked from ``open`` to ``close``; ``leftovers`` names what an earlier launcher left.

    ``fresh``: empty it first, under the lock.
    """

    def __init__(self, path: Path, fresh: bool = False) -> None:
        self.path = path.resolve()
        self._fresh = fresh
        self.leftovers: list[str] = []
        self._lock: TextIOWrapper | None = None

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def open(self) -> None:
        """Make it ours alone, end leftovers, load the secrets; raise Refusal when that fails."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._refuse_foreign()
            self._refuse_other_files()
            self._lock = (self.path / LOCK).open("a")
        except OSError as error:
            raise Refusal(
                f"状态目录 {self.path} 不可写（{error.strerror}）：换一个目录 STATE=DIR",
                f"cannot write the state folder ({error.strerror}): choose STATE=DIR",
            ) from None
        self._refuse_second()
        self.roster = Roster(self.path / "processes.json")
        self.leftovers = self.roster.stop_leftovers()
        if self._fresh:
            self._empty()
        self.secrets = self._load_secrets()

    def close(self) -> None:
        """Let the next launcher in."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _empty(self) -> None:
        for found in self.path.iterdir():
            if found.is_dir():
                shutil.rmtree(found)
            elif found.name != LOCK:
                found.unlink()

    def _refuse_foreign(self) -> None:
        owner = self.path.stat().st_uid
        if owner == os.geteuid():
            return
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = str(owner)
        raise Refusal(
            f"状态目录 {self.path} 属于用户 {name}：以 {name} 运行，或换一个目录 STATE=DIR",
            f"the state folder belongs to {name}: run as {name} or choose STATE=DIR",
        )

    def _refuse_other_files(self) -> None:
        if not (self.path / LOCK).exists() and any(self.path.iterdir()):
            raise Refusal(
                f"{self.path} 里有别的文件，不是状态目录：换一个空目录 STATE=DIR",
                "this folder holds other files and is no state folder: choose an empty STATE=DIR",
            )

    def _refuse_second(self) -> None:
        if self._lock is None:
            raise RuntimeError("the lock file is not open")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Refusal(
                f"状态目录 {self.path} 正被另一个 guanchao 使用：先停掉它，或换一个目录 STATE=DIR",
                "the state folder is in use by another guanchao: stop it or choose STATE=DIR",
            ) from None

    def _load_secrets(self) -> Secrets:
        file = self.path / "secrets.json"
        if file.exists():
            return Secrets(**json.loads(file.read_text()))
        if (self.path / "postgres" / "data").exists():
            raise Refusal(
                f"{file} 不见了，数据库打不开：从备份恢复它，或删除 {self.path} 重新开始",
                "the secrets of this state folder are gone: restore them or delete the folder",
            )
        made = Secrets.new()
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump(asdict(made), out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        return made

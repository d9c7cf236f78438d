"""留存 — the drop folder seen from the side: what was put away from it, and what is left in it."""

import hashlib
import os
from pathlib import Path

from services.ingest.domain.naming import masked


class KeptFiles:
    """See ``agent.refiling.Kept``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def named(self, shown: str, sha256: str) -> str | None:
        if not sha256:
            return None
        suffix = f".{sha256[:8]}"
        for path in self._folder.glob(f"*/*{suffix}"):
            name = path.name.removesuffix(suffix)
            if masked(name) == shown and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
                return name
        return None

    def taken(self, name: str, sha256: str) -> bytes | None:
        return self._kept("done", name, sha256)

    def refused(self, name: str, sha256: str) -> bytes | None:
        return self._kept("refused", name, sha256)

    def waits(self, name: str) -> bool:
        return (self._folder / name).exists()

    def drop(self, name: str, data: bytes) -> None:
        draft = self._folder / f".{name}.part"
        with draft.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._folder / name)

    def _kept(self, where: str, name: str, sha256: str) -> bytes | None:
        try:
            return (self._folder / where / f"{name}.{sha256[:8]}").read_bytes()
        except FileNotFoundError:
            return None

"""留存 — the drop folder seen from the side: what was put away from it, and what is left in it."""

import os
from pathlib import Path


class KeptFiles:
    """See ``agent.refiling.Kept``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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

"""What was called before, as a dict."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass
class MemoryReplays:
    taken: dict[str, timedelta] = field(default_factory=dict)

    async def seen(self, call: str) -> bool:
        return call in self.taken

    async def keep(self, call: str, valid: timedelta) -> None:
        self.taken[call] = valid

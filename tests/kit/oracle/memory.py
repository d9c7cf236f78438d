"""What was said of an account, and how a finding becomes an alert event or silence."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

FORGOTTEN_AFTER = 60  # calendar days


class Expected(NamedTuple):
    """One alert event that must come: ``account`` is ``broker:account``."""

    type: str
    rule: str
    account: str
    episode: str
    revision: int


class Finding(NamedTuple):
    """What a rule has to say of one episode; ``provisional`` while the judged day is unsettled."""

    step: str  # raised, updated, confirmed, amended, withdrawn; noted: only remembered
    rule: str
    episode: str
    level: int = 1
    figure: Decimal | int = 0
    provisional: bool = False


class Said(NamedTuple):
    """The last word on an episode; level 0 = withdrawn, below = over without a word."""

    revision: int
    level: int
    day: date
    figure: Decimal | int
    final: bool  # not provisional: nothing is left to confirm

    @property
    def standing(self) -> bool:
        return self.level > 0


@dataclass
class Memory:
    """Rule → episode → the last word on it."""

    said: dict[str, dict[str, Said]] = field(default_factory=dict)
    oldest: date = date.max  # no word is from before this day

    def of(self, rule: str, episode: str) -> Said | None:
        episodes = self.said.get(rule)
        return episodes.get(episode) if episodes else None

    def level(self, rule: str, episode: str) -> int:
        """Return the level at which an episode stands; 0: it does not."""
        said = self.of(rule, episode)
        return said.level if said is not None and said.level > 0 else 0

    def standing(self, rule: str) -> list[tuple[str, Said]]:
        """Return the episodes of a rule that stand, oldest saying first."""
        episodes = self.said.get(rule)
        return [(name, one) for name, one in episodes.items() if one.level > 0] if episodes else []

    def take(self, finding: Finding, account: str, day: date) -> Expected | None:
        """Remember a finding; return what is published of it."""
        was = self.of(finding.rule, finding.episode)
        step = _published(finding.step, was is not None and was.standing)
        if step is None:
            return None
        if step == "noted":
            if was is not None:
                self._keep(
                    finding,
                    was._replace(level=finding.level, day=day, final=not finding.provisional),
                    day,
                )
            return None
        revision = (was.revision if was else 0) + 1
        level = 0 if step == "withdrawn" else finding.level
        said = Said(revision, level, day, finding.figure, not finding.provisional)
        self._keep(finding, said, day)
        return Expected(f"alert.{step}", finding.rule, account, finding.episode, revision)

    def _keep(self, finding: Finding, said: Said, day: date) -> None:
        self.said.setdefault(finding.rule, {})[finding.episode] = said
        self.oldest = min(self.oldest, day)
        if (day - self.oldest).days > FORGOTTEN_AFTER:
            self._forget(day)

    def _forget(self, day: date) -> None:
        for rule, episodes in self.said.items():
            self.said[rule] = {
                name: said
                for name, said in episodes.items()
                if (day - said.day).days <= FORGOTTEN_AFTER
            }


def _published(step: str, standing: bool) -> str | None:
    """Return the step that is published: only what stands can change, only what does not begins."""
    if step == "noted":
        return step
    if step in ("raised", "updated"):
        return "updated" if standing else "raised" if step == "updated" else step
    return step if standing else None

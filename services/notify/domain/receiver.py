"""接收人 — the broker's people as far as telling them something goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.preference import Preference
from shared.kernel.masking import Email, Phone


@dataclass(frozen=True)
class Receiver:
    """One member of staff. ``successor_id``: has left, and who took the clients over.

    ``robots``: the channels that have a chat group for the role. ``is_team``: it is that group.
    ``preferences``: the newest first.
    """

    staff_id: str
    role: str
    wecom_userid: str | None = None
    mobile: Phone | None = None
    successor_id: str | None = None
    email: Email | None = None
    robots: frozenset[str] = frozenset()
    is_team: bool = False
    leader_id: str | None = None
    branch_id: str | None = None
    preferences: tuple[Preference, ...] = ()

    def prefers(self, now: datetime) -> tuple[str, ...]:
        """Return the channels preferred now, best first."""
        held = (wish.channels for wish in self.preferences if wish.holds(now))
        return next(held, ())

    @property
    def team(self) -> "Receiver":
        """All of the role together: told by a robot, once for all of them."""
        return team(self.role, self.robots)


def team(role: str, robots: frozenset[str]) -> Receiver:
    """Return a role's team, a receiver of its own."""
    return Receiver(f"team-{role}", role, robots=robots, is_team=True)


@dataclass(frozen=True)
class Client:
    """The client as a message may name them, and who looks after the account."""

    display_name: str
    manager_id: str | None


@dataclass(frozen=True)
class Directory:
    """What is known about one account's people at one moment.

    ``staff`` holds everybody the account's chain of managers, the risk desk and those who have
    heard lead to; ``desk`` is the risk desk.
    """

    client: Client | None
    staff: Mapping[str, Receiver]
    desk: tuple[Receiver, ...]

    def in_charge(self, staff_id: str | None) -> Receiver | None:
        """Return who answers for this person's clients today: the person or the last successor.

        None when the chain leads to somebody unknown, or round in a circle.
        """
        passed: set[str] = set()
        while staff_id is not None and staff_id not in passed:
            passed.add(staff_id)
            person = self.staff.get(staff_id)
            if person is None or person.successor_id is None:
                return person
            staff_id = person.successor_id
        return None

"""交接 — who looks after the clients of somebody who has left.

The successor that the staff file names, else the leader, else the head of the branch; if they have
left too, theirs. Nobody, or a circle: the clients stay where they are, and it is said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from shared.contracts.customers import Relation, Tenure
from shared.contracts.staff import Staff

HEAD = "branch-head"
Trouble = Literal["", "nobody", "circle"]


@dataclass(frozen=True)
class Heir:
    """Who looks after a person's clients, and from when: the person, a successor, or nobody."""

    staff_id: str | None
    since: date | None = None
    trouble: Trouble = ""


@dataclass(frozen=True)
class Roster:
    """The broker's people as known on a business day (None: every leaver is gone)."""

    people: Mapping[str, Staff] = field(default_factory=dict)
    day: date | None = None
    _heirs: dict[str, Heir] = field(default_factory=dict, repr=False, compare=False)

    def leavers(self) -> list[str]:
        """Return everybody who has left, in order."""
        return sorted(name for name in self.people if self._left(name))

    def heir(self, staff_id: str) -> Heir:
        """Follow the chain from a person to the first one who is here."""
        if staff_id not in self._heirs:
            self._heirs[staff_id] = self._followed(staff_id)
        return self._heirs[staff_id]

    def _followed(self, staff_id: str) -> Heir:
        passed: list[str] = []
        since: date | None = None
        while left := self._left(staff_id):
            if staff_id in passed:
                return Heir(None, since, "circle")
            passed.append(staff_id)
            since = max(since or left, left)
            following = next(self._above(self.people[staff_id]), None)
            if following is None:
                return Heir(None, since, "nobody")
            staff_id = following
        return Heir(staff_id, since)

    def _left(self, staff_id: str) -> date | None:
        person = self.people.get(staff_id)
        day = person.left_on if person else None
        return day if day and (self.day is None or day <= self.day) else None

    def _above(self, person: Staff) -> Iterator[str]:
        """Yield who may take over, the nearest first; nobody whom the staff files do not know."""
        heads = (p for p in self.people.values() if p.role == HEAD and person.branch_id)
        branch = sorted(p.staff_id for p in heads if p.branch_id == person.branch_id)
        for name in (person.successor_id, person.leader_id, *branch):
            if name and name in self.people and name != person.staff_id:
                yield name


def handed_over(relation: Relation, roster: Roster) -> Relation:
    """Return the relation with whoever is in charge now; with nobody to take over, as it is."""
    manager = relation.manager_id
    heir = roster.heir(manager) if manager else Heir(None)
    if heir.staff_id is None or heir.staff_id == manager:
        return relation
    told = relation.model_copy(update={"manager_id": heir.staff_id, "since": heir.since})
    return _after(relation, told)


def followed(known: Relation | None, told: Relation, roster: Roster) -> Relation:
    """Return the relation that a row tells, after what is known of the account.

    An old file that still names a leaver does not take the clients from the successor.
    """
    if known is None:
        return handed_over(told, roster)
    same = known.manager_id == told.manager_id
    heir = roster.heir(told.manager_id).staff_id if told.manager_id else None
    if same or (heir is not None and known.manager_id == heir):
        kept = {
            "manager_id": known.manager_id,
            "since": (told.since if same else None) or known.since,
            "history": known.history,
        }
        return handed_over(told.model_copy(update=kept), roster)
    return handed_over(_after(known, told), roster)


def _after(known: Relation, told: Relation) -> Relation:
    """Write the manager before into the history of the relation that follows."""
    if known.manager_id is None:
        return told.model_copy(update={"history": known.history})
    tenure = Tenure(manager_id=known.manager_id, since=known.since, until=told.since)
    return told.model_copy(update={"history": (*(known.history or ()), tenure)})

"""组织 — which clients' rows a person reaches: own, team, branch, company.

The one place for row scope. Built from the directory's staff; a person it does not know reaches
nothing, a circle of leaders or successors ends where it began.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.web.permissions import Reach


class Row(Protocol):
    """Whose a row is: a relation of ``futures.customer.v1``, or anything that says the same."""

    @property
    def manager_id(self) -> str | None: ...
    @property
    def branch_id(self) -> str | None: ...


@dataclass(frozen=True)
class RowScope:
    """Which rows are reached; all four parts can stand in a WHERE.

    A row is of the branch it names; only one that names none is of its manager's branch
    (``branch_people``).
    """

    everything: bool = False
    managers: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    branch_people: frozenset[str] = frozenset()

    def reaches(self, row: Row) -> bool:
        """Say whether a row is within."""
        if self.everything or row.manager_id in self.managers:
            return True
        if row.branch_id is None:
            return row.manager_id in self.branch_people
        return row.branch_id in self.branches

    def __or__(self, other: "RowScope") -> "RowScope":
        """Return what either of the two reaches."""
        return RowScope(
            self.everything or other.everything,
            self.managers | other.managers,
            self.branches | other.branches,
            self.branch_people | other.branch_people,
        )


@dataclass(frozen=True)
class Person:
    """One of the broker's people. ``successor_id``: who has the clients of one who is gone."""

    staff_id: str
    branch_id: str | None = None
    leader_id: str | None = None
    gone: bool = False
    successor_id: str | None = None


class OrgTree(Protocol):
    """What a service knows of the organisation, wherever it heard it."""

    def scope(self, staff_id: str, reach: Reach) -> RowScope:
        """Return the rows that a person reaches; none for an unknown person or a leaver."""


class Organisation:
    """See ``OrgTree``: the people in memory."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = {person.staff_id: person for person in people}
        self._led = self._by(lambda person: person.leader_id)
        self._left_to = self._by(lambda person: person.successor_id if person.gone else None)
        self._in_branch = self._by(lambda person: person.branch_id)

    def scope(self, staff_id: str, reach: Reach) -> RowScope:
        person = self._people.get(staff_id)
        if person is None or person.gone:
            return RowScope()
        return _SCOPES[reach](self, person)

    def own(self, person: Person) -> RowScope:
        """Return the clients of a person and of the leavers whose clients came to that person."""
        return RowScope(managers=self._held([person.staff_id]))

    def team(self, person: Person) -> RowScope:
        """Return the clients of everybody under a person, at any depth, and the person's own."""
        return RowScope(managers=self._held(_below([person.staff_id], self._led)))

    def branch(self, person: Person) -> RowScope:
        """Return the clients of a person's branch."""
        if person.branch_id is None:
            return RowScope()
        return RowScope(
            branches=frozenset({person.branch_id}),
            branch_people=self._held(self._in_branch[person.branch_id]),
        )

    def _held(self, staff_ids: Iterable[str]) -> frozenset[str]:
        """A leaver's clients are the successor's, and no longer of the leaver's team or branch."""
        here = [s for s in staff_ids if not self._people[s].gone]
        return _below(here, self._left_to)

    def _by(self, key: Callable[[Person], str | None]) -> Mapping[str, list[str]]:
        grouped: defaultdict[str, list[str]] = defaultdict(list)
        for person in self._people.values():
            if (name := key(person)) is not None:
                grouped[name].append(person.staff_id)
        return grouped


def _below(tops: Iterable[str], children: Mapping[str, list[str]]) -> frozenset[str]:
    """Return everybody at or under the tops, each once however the circle runs."""
    found: set[str] = set()
    waiting = list(tops)
    while waiting:
        staff_id = waiting.pop()
        if staff_id not in found:
            found.add(staff_id)
            waiting += children.get(staff_id, ())
    return frozenset(found)


def _company(organisation: Organisation, person: Person) -> RowScope:
    return RowScope(everything=True)


_SCOPES: Mapping[Reach, Callable[[Organisation, Person], RowScope]] = {
    Reach.OWN: Organisation.own,
    Reach.TEAM: Organisation.team,
    Reach.BRANCH: Organisation.branch,
    Reach.COMPANY: _company,
}

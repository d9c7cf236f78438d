"""上级 — who stands above an alert's owner, and who is on call."""

from collections.abc import Callable, Iterable
from datetime import datetime

from services.notify.domain.ladder import Relation, Shift
from services.notify.domain.receiver import Directory, Receiver

HEAD = "branch-head"


def people_of(
    relation: Relation, owner: str, directory: Directory, on_call: Iterable[str]
) -> tuple[Receiver, ...]:
    """Return the people of a relation to the owner, leavers by their successors; maybe nobody."""
    if relation == "risk":
        return directory.desk
    if relation == "on_call":
        return _once(directory.in_charge(staff_id) for staff_id in sorted(on_call))
    person = directory.in_charge(owner)
    return () if person is None else _once(_ABOVE[relation](person, directory))


def rostered(roster: Iterable[Shift], now: datetime) -> frozenset[str]:
    """Return who is on call now (staff ids)."""
    return frozenset(shift.staff for shift in roster if shift.covers(now))


def _team_lead(person: Receiver, directory: Directory) -> Iterable[Receiver | None]:
    yield directory.in_charge(person.leader_id)


def _branch_heads(person: Receiver, directory: Directory) -> Iterable[Receiver | None]:
    """The heads of the branch; where the staff file names none, the leader's leader."""
    heads = [
        p for p in directory.staff.values() if p.role == HEAD and p.branch_id == person.branch_id
    ]
    if person.branch_id is not None and heads:
        return [directory.in_charge(head.staff_id) for head in heads]
    lead = directory.in_charge(person.leader_id)
    return [directory.in_charge(lead.leader_id) if lead else None]


_ABOVE: dict[Relation, Callable[[Receiver, Directory], Iterable[Receiver | None]]] = {
    "manager": lambda person, directory: [person],
    "team_lead": _team_lead,
    "branch_head": _branch_heads,
}


def _once(people: Iterable[Receiver | None]) -> tuple[Receiver, ...]:
    return tuple({p.staff_id: p for p in people if p is not None}.values())

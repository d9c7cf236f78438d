"""路由 — which people hear of an alert, and why they."""

from dataclasses import dataclass

from services.notify.domain.receiver import Directory, Receiver
from shared.contracts.alerts import Alert

HAS_HEARD = "has-heard"


@dataclass(frozen=True)
class Route:
    """The receivers; none when nobody answers for the account yet, which ``reason`` names."""

    receivers: tuple[Receiver, ...]
    reason: str


def to_desk(directory: Directory) -> Route:
    """Return the risk desk: what concerns no client at all is theirs at once."""
    return Route(directory.desk, "no-client")


def to_chosen(directory: Directory, staff_id: str) -> Route:
    """Return the one person that notify's own canary goes to."""
    person = directory.staff.get(staff_id)
    return Route((), "unknown-canary") if person is None else Route((person,), "canary")


def to_addressed(directory: Directory, staff_id: str) -> Route:
    """Return the person whose matter it is, or a leaver's successor."""
    person = directory.in_charge(staff_id)
    if person is None:
        return Route((), "unknown-addressee")
    return Route((person,), "addressee" if person.staff_id == staff_id else "successor")


def addressed(alert: Alert) -> frozenset[str]:
    """Return who is to be looked up, besides those around the account."""
    return frozenset(filter(None, (alert.receiver,)))


def to_manager(directory: Directory) -> Route:
    """Return the account's manager, or a leaver's successor."""
    client = directory.client
    if client is None:
        return Route((), "no-relation")
    if client.manager_id is None:
        return Route((), "no-manager")
    person = directory.in_charge(client.manager_id)
    if person is None:
        return Route((), "unknown-manager")
    return Route((person,), "manager" if person.staff_id == client.manager_id else "successor")


def to_those_who_heard(directory: Directory, heard: frozenset[str]) -> Route:
    """Return who was told before (leavers by their successors): they must hear the withdrawal."""
    people = {p.staff_id: p for s in sorted(heard) if (p := directory.in_charge(s)) is not None}
    return Route(tuple(people.values()), HAS_HEARD)

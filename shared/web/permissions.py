"""权限表 — which role may do what, and how far it reaches. This table is the whole policy.

The outside names (roles of an identity provider, scopes of a key) are the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """What an endpoint asks for."""

    EVENTS_WRITE = "events:write"
    DIRECTORY_WRITE = "directory:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_REVEAL = "clients:reveal"
    CLIENTS_ERASE = "clients:erase"
    FILES_READ = "files:read"
    AUDIT_READ = "audit:read"
    ALERTS_READ = "alerts:read"
    ALERTS_ANSWER = "alerts:answer"
    VISITS_READ = "visits:read"
    VISITS_RECORD = "visits:record"
    VISITS_GENERATE = "visits:generate"
    VISITS_ASSIGN = "visits:assign"
    VISITS_ANSWER = "visits:answer"


class Role(StrEnum):
    """岗位 — as in ``org.staff.v1``."""

    MANAGER = "manager"
    TEAM_LEAD = "team-lead"
    BRANCH_HEAD = "branch-head"
    RISK = "risk"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Reach(StrEnum):
    """How far down and around the organisation a role sees clients."""

    OWN = "own"
    TEAM = "team"
    BRANCH = "branch"
    COMPANY = "company"


class Sight(IntEnum):
    """How much of a personal field is shown without asking: none of it, or its mask."""

    NOTHING = 0
    MASKED = 1


@dataclass(frozen=True)
class Office:
    """What comes with a role."""

    reach: Reach
    may: frozenset[Permission]
    sight: Sight = Sight.MASKED


_CLIENTS = frozenset({Permission.CLIENTS_READ, Permission.CLIENTS_REVEAL})
_ALERTS = frozenset({Permission.ALERTS_READ, Permission.ALERTS_ANSWER})
_VISITS = frozenset({Permission.VISITS_READ, Permission.VISITS_RECORD})
_LOOKS_AFTER = _CLIENTS | _ALERTS | _VISITS
_LEADS = _LOOKS_AFTER | {Permission.VISITS_ASSIGN}

OFFICES: Mapping[Role, Office] = MappingProxyType(
    {
        Role.MANAGER: Office(Reach.OWN, _LOOKS_AFTER),
        Role.TEAM_LEAD: Office(Reach.TEAM, _LEADS),
        Role.BRANCH_HEAD: Office(Reach.BRANCH, _LEADS),
        Role.RISK: Office(
            Reach.COMPANY,
            _LEADS | {Permission.FILES_READ, Permission.CLIENTS_ERASE, Permission.VISITS_GENERATE},
        ),
        Role.OPERATOR: Office(
            Reach.COMPANY,
            frozenset(
                {
                    Permission.CLIENTS_READ,
                    Permission.FILES_READ,
                    Permission.DIRECTORY_WRITE,
                    Permission.ALERTS_READ,
                    Permission.VISITS_READ,
                    Permission.VISITS_GENERATE,
                }
            ),
            Sight.NOTHING,
        ),
        Role.AUDITOR: Office(
            Reach.COMPANY,
            frozenset(
                {
                    Permission.CLIENTS_READ,
                    Permission.FILES_READ,
                    Permission.AUDIT_READ,
                    Permission.ALERTS_READ,
                    Permission.VISITS_READ,
                }
            ),
        ),
    }
)

SYSTEM_SCOPES = frozenset(Permission) - {
    Permission.CLIENTS_REVEAL,
    Permission.CLIENTS_ERASE,
    Permission.ALERTS_ANSWER,
    Permission.VISITS_RECORD,
    Permission.VISITS_ASSIGN,
}
"""What a key may be given. Only a person, with a reason, sees a field in clear; only a person
answers an alert, records a visit or gives one to somebody."""

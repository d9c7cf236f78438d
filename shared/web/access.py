"""Who asks, and what this one may see: the answer of authentication and authorisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from shared.kernel.audit import Entry
from shared.web.organisation import OrgTree, Row, RowScope
from shared.web.permissions import OFFICES, Office, Permission, Role, Sight


@dataclass(frozen=True)
class Principal:
    """A system with its scopes, or a person with roles; ``name`` stands in the audit."""

    name: str
    scopes: frozenset[Permission] = frozenset()
    roles: frozenset[Role] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Say whether anything this one has allows it."""
        return permission in self.scopes or any(self.offices(permission))

    def offices(self, permission: Permission) -> Iterable[Office]:
        """Yield the roles' offices that come with a permission."""
        return (OFFICES[role] for role in self.roles if permission in OFFICES[role].may)


@dataclass(frozen=True)
class Access:
    """One allowed request: who, for what, under which trace, over which organisation."""

    principal: Principal
    permission: Permission
    trace_id: str
    tree: OrgTree

    def sight(self, row: Row, permission: Permission | None = None) -> Sight | None:
        """Return how much of a row's personal fields is seen; None: it is out of reach.

        Every role counts for the rows it reaches itself: a manager who is an operator as well sees
        masks on the own clients and nothing on the others.
        """
        asked = permission or self.permission
        if asked in self.principal.scopes:
            return Sight.MASKED
        offices = self.principal.offices(asked)
        seen = [office.sight for office in offices if self._scope(office).reaches(row)]
        return max(seen, default=None)

    def scope(self) -> RowScope:
        """Return every row that is reached for what was asked, by whichever role."""
        if self.permission in self.principal.scopes:
            return RowScope(everything=True)
        offices = self.principal.offices(self.permission)
        return reduce(or_, map(self._scope, offices), RowScope())

    def entry(self, at: datetime, action: str, subject: str) -> Entry:
        """Return what the audit says of this request."""
        who = self.principal
        return Entry(at, who.name, tuple(sorted(who.roles)), action, subject, self.trace_id)

    def _scope(self, office: Office) -> RowScope:
        return self.tree.scope(self.principal.name, office.reach)

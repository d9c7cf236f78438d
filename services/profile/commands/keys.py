"""``guanchao profile keys new | list | revoke``: the API keys of systems that ask profile."""

from services.profile.commands.places import operator, run, transaction
from shared.db.key_commands import Keys, commands
from shared.web.permissions import Permission

SCOPES = frozenset({Permission.CLIENTS_READ})
"""What a key of profile opens: every client, masked. Revealing is a person's alone."""
app = commands(Keys("profile", SCOPES, transaction, operator), run)

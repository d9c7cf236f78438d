"""``guanchao notify keys new | list | revoke``: the API keys of systems that ask notify."""

from services.notify.commands.places import operator, run, transaction
from shared.db.key_commands import Keys, commands
from shared.web.permissions import Permission

SCOPES = frozenset({Permission.ALERTS_READ})
"""What a key of notify opens: every alert, masked. Answering is a person's alone."""
app = commands(Keys("notify", SCOPES, transaction, operator), run)

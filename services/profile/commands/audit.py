"""``guanchao profile audit verify | list``."""

from services.profile.commands.places import run, transaction
from shared.db.audit_commands import commands

app = commands("profile", run, transaction)

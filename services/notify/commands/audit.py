"""``guanchao notify audit verify | list``."""

from services.notify.commands.places import run, transaction
from shared.db.audit_commands import commands

app = commands("notify", run, transaction)

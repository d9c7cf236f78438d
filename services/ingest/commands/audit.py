"""``guanchao audit verify | list``."""

from services.ingest.commands.places import run, transaction
from shared.db.audit_commands import commands

app = commands("ingest", run, transaction)

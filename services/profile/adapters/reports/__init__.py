"""报表 — one file a report; a new one stands here and in ``docs/profile/reports.md``."""

from collections.abc import Mapping

from services.profile.adapters.reports import branches, kpis, opening, overview, top_clients
from services.profile.domain.report import Form

FORMS: Mapping[str, Form] = {
    "overview": overview.FORM,
    "opening": opening.FORM,
    "branches": branches.FORM,
    **top_clients.FORMS,
    "kpis": kpis.FORM,
}
"""Kind → what it holds."""

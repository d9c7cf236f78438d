"""Every endpoint of profile, as one application; each question is a file of its own."""

from fastapi import FastAPI

from services.profile import (
    audit_api,
    client_api,
    erasure_api,
    indicator_api,
    lists_api,
    margin_api,
    permission_api,
    report_files_api,
    reports_api,
    saved_segment_api,
    search_api,
    segment_api,
    star_api,
    sums_api,
    visit_answer_api,
    visit_api,
    visit_assignment_api,
    visit_batch_api,
    visit_import_api,
    visit_report_api,
)
from services.profile.desk import Desk
from shared.web.gate import secure

ROUTERS = (
    search_api.router,
    client_api.router,
    erasure_api.router,
    lists_api.router,
    indicator_api.router,
    sums_api.router,
    margin_api.router,
    segment_api.router,
    saved_segment_api.router,
    star_api.router,
    permission_api.router,
    reports_api.router,
    report_files_api.router,
    visit_api.router,
    visit_answer_api.router,
    visit_assignment_api.router,
    visit_batch_api.router,
    visit_import_api.router,
    visit_report_api.router,
    audit_api.router,
)
"""One line for one more file of questions."""


def create_api(desk: Desk) -> FastAPI:
    """Return the application; it refuses to start when an endpoint declares no permission."""
    app = FastAPI(title="观潮 profile", version="1", docs_url=None, redoc_url=None)
    for router in ROUTERS:
        app.include_router(router(desk))
    secure(app, desk.authority)
    return app

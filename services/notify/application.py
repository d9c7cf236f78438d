"""The HTTP side as one application: the pages behind signatures, and the console's API."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts

from services.notify import alert_api, audit_api, events_api, inbox_api, reply_api
from services.notify.desk import Desk
from shared.web.description import PATH, described_page
from shared.web.gate import misread, secure
from shared.web.refusal import Refusal, refused

CONSOLE = (
    inbox_api.router,
    events_api.router,
    alert_api.router,
    reply_api.router,
    audit_api.router,
)
"""One line for one more file of questions."""


def application(pages: Iterable[APIRouter], desk: Desk | None) -> FastAPI:
    """Return the application; without a desk it has the signed pages alone."""
    told = "/openapi.json" if desk else None
    app = FastAPI(title="观潮 notify", version="1", docs_url=None, redoc_url=None, openapi_url=told)
    for page in pages:
        app.include_router(page, include_in_schema=False)
    signed = {str(route.path) for route in iter_route_contexts(app.routes)}
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, misread)
    if desk:
        for router in CONSOLE:
            app.include_router(router(desk))
        described_page(app)
        secure(app, desk.authority, also_open={*signed, PATH})
    return app

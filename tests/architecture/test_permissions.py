"""Every endpoint of every service declares who may call it; none takes a person in its address."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI

from shared.web.access import Access
from shared.web.gate import Authority, Undeclared, allowed, endpoints_without, secure
from shared.web.organisation import Organisation
from shared.web.permissions import Permission
from tests.kit.office import Office

ROOT = Path(__file__).parents[2]
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "websocket", "route"}
PERSONAL = {"name", "phone", "mobile", "email", "id_card", "id_number", "card", "address", "reason"}
SIGNED = {
    "services/notify/api.py",
    "services/notify/answer_api.py",
    "services/notify/callback_api.py",
    "services/notify/receipt_api.py",
    "services/notify/digest_page.py",
}
"""Pages behind a link with a signature of its own: see ``services.notify.domain.links``."""


def endpoints(source: str) -> Iterator[tuple[str, set[str], bool]]:
    """Yield each endpoint of a file: its name, its parameters, whether it declares a permission."""
    tree = ast.parse(source)
    aliases = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and "allowed(" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_endpoint(node):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            said = [ast.unparse(a.annotation) for a in arguments if a.annotation]
            declared = any("allowed(" in text or text in aliases for text in said)
            yield node.name, {a.arg for a in arguments}, declared


def _is_endpoint(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr in VERBS
        and bool(one.args)
        and isinstance(one.args[0], ast.Constant)
        and str(one.args[0].value).startswith("/")
        for one in node.decorator_list
    )


FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("services/**/*.py"))
FOUND = {name: list(endpoints((ROOT / name).read_text(encoding="utf-8"))) for name in FILES}
SERVED = {name: found for name, found in FOUND.items() if found}


def test_there_are_endpoints_to_look_at() -> None:
    assert {"services/ingest/api.py", "services/ingest/account_api.py", *SIGNED} <= SERVED.keys()


@pytest.mark.parametrize("name", sorted(SERVED.keys() - SIGNED))
def test_every_endpoint_declares_its_permission(name: str) -> None:
    assert [endpoint for endpoint, _, declared in SERVED[name] if not declared] == []


@pytest.mark.parametrize("name", sorted(SERVED))
def test_no_address_holds_a_person(name: str) -> None:
    assert [endpoint for endpoint, said, _ in SERVED[name] if said & PERSONAL] == []


def test_an_endpoint_that_forgot_would_be_seen() -> None:
    planted = (
        "Reader = Annotated[Access, allowed(Permission.X)]\n"
        "@app.get('/a')\ndef good(access: Reader): ...\n"
        "@app.post('/b')\nasync def direct(access: Annotated[Access, allowed(P.X)]): ...\n"
        "@router.delete('/c')\ndef forgot(account: Reading, phone: str): ...\n"
        "@cache.get('key')\ndef other(): ...\n"
    )
    found = {name: declared for name, _, declared in endpoints(planted)}
    assert found == {"good": True, "direct": True, "forgot": False}
    assert [name for name, said, _ in endpoints(planted) if said & PERSONAL] == ["forgot"]


def test_ingests_application_is_closed() -> None:
    assert endpoints_without(Office().app, frozenset()) == []


@pytest.mark.parametrize("included", [False, True])
def test_an_application_with_a_forgotten_endpoint_does_not_start(included: bool) -> None:
    app, router = FastAPI(docs_url=None, redoc_url=None), APIRouter()

    @(router if included else app).get("/forgotten")
    def forgotten() -> None: ...

    @app.get("/declared")
    def declared(access: Annotated[Access, allowed(Permission.FILES_READ)]) -> None: ...

    app.include_router(router, prefix="/v1" if included else "")

    async def tree() -> Organisation:
        return Organisation([])

    path = "/v1/forgotten" if included else "/forgotten"
    with pytest.raises(Undeclared, match=path):
        secure(app, Authority((), tree))
    secure(app, Authority((), tree), also_open={path})


def test_a_page_that_is_mounted_beside_is_not_overlooked() -> None:
    app = FastAPI()
    assert endpoints_without(app, frozenset()) == ["/docs", "/docs/oauth2-redirect", "/redoc"]


def test_a_list_of_profile_leaves_out_who_is_blocked() -> None:
    """The scope of lists comes from one file; a report's sums name nobody and stand apart."""
    found = {
        name
        for name in FILES
        if name.startswith("services/profile/")
        and re.search(r"row_scope import .*within", (ROOT / name).read_text(encoding="utf-8"))
    }
    assert found == {"services/profile/report_scope.py"}

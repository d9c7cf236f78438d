"""接口说明 — an API's description as one page: no script, nothing fetched from elsewhere.

It works where nothing outside can be reached, and under the strictest content policy.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

PATH = "/docs"
STYLE = """
body { font: 15px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #ddd; padding: .5rem 0 1rem }
pre { background: #f5f6f8; padding: .75rem; overflow-x: auto; border-radius: 6px }
td { padding: .1rem 1rem .1rem 0; vertical-align: top }
b { display: inline-block; min-width: 3.5rem; color: #0a58ca }
"""
ALLOWED = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{ALLOWED}'; "
    "frame-ancestors 'none'"
}
Described = Mapping[str, Any]


def described_page(app: FastAPI) -> None:
    """Serve the page at ``/docs``; it tells what ``/openapi.json`` tells, and no more."""

    @app.get(PATH, include_in_schema=False)
    def describe() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()), headers=HEADERS)


def page(api: Described) -> str:
    """Return the page of an OpenAPI description."""
    title = escape(str(api["info"]["title"]))
    sections = "".join(
        _section(api, verb, path, one)
        for path, verbs in api["paths"].items()
        for verb, one in verbs.items()
    )
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{title}</h1><p>Authorization: Bearer … · <code>/openapi.json</code></p>"
        f"{sections}</html>"
    )


def _section(api: Described, verb: str, path: str, one: Described) -> str:
    rows = "".join(_row(name, said) for name, said in _parameters(one))
    answers = "".join(_row(s, a.get("description", "")) for s, a in one["responses"].items())
    shown = "".join(f"<pre>{escape(text)}</pre>" for text in _examples(api, verb, path, one))
    return (
        f"<section><h2><b>{verb.upper()}</b> <code>{escape(path)}</code></h2>"
        f"<p>{escape(str(one.get('description', '')))}</p>"
        f"<table>{rows}</table>{shown}<table>{answers}</table></section>"
    )


def _row(name: str, said: str) -> str:
    return f"<tr><td><code>{escape(name)}</code><td>{escape(said)}</tr>"


def _parameters(one: Described) -> Iterator[tuple[str, str]]:
    for parameter in one.get("parameters", ()):
        yield parameter["name"], parameter.get("description", "")


def _examples(api: Described, verb: str, path: str, one: Described) -> Iterator[str]:
    """Yield a command for each example of a body, or one without a body; then an answer."""
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    given = [example["value"] for example in body.get("examples", {}).values()]
    for example in given or [None]:
        command = f'curl -X {verb.upper()} "http://…{path}" -H "Authorization: Bearer $TOKEN"'
        if example is not None:
            told = json.dumps(example, ensure_ascii=False)
            command += f" \\\n  -H \"Content-Type: application/json\" -d '{told}'"
        yield command
    for answer in one["responses"].values():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if (example := _resolved(api, schema).get("example")) is not None:
            yield json.dumps(example, ensure_ascii=False, indent=2)


def _resolved(api: Described, schema: Described) -> Described:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Described = api.get("components", {}).get("schemas", {}).get(name, schema)
    return found

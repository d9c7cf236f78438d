"""``python -m tools.contracts``: write schemas, golden messages and mot's Structs; ``--check``: compare.

The check fails on any difference and says of each schema whether it is an addition or a break.
"""  # noqa: E501

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from shared.contracts.alerts import ALERTS
from shared.contracts.callbacks import CALLBACKS
from shared.contracts.customers import CUSTOMERS
from shared.contracts.deliveries import DELIVERIES
from shared.contracts.profiles import PROFILES
from shared.contracts.replies import REPLIES
from shared.contracts.rules import PUBLISHED
from shared.contracts.staff import STAFF
from shared.contracts.states import STATES
from shared.contracts.stream import STREAM
from tools import examples, structs
from tools.compatibility import breaks

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "shared" / "contracts" / "schemas"
EXAMPLES = ROOT / "shared" / "contracts" / "examples"
ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "futures.account.v1": STREAM,
    "futures.customer.v1": CUSTOMERS,
    "org.staff.v1": STAFF,
    "mot.alert.v1": ALERTS,
    "mot.rule.v1": PUBLISHED,
    "mot.state.v1": STATES,
    "notify.delivery.v1": DELIVERIES,
    "notify.reply.v1": REPLIES,
    "notify.callback.v1": CALLBACKS,
    "profile.customer.v1": PROFILES,
}


def generated() -> dict[Path, bytes]:
    """Return every generated file's content."""
    files: dict[Path, bytes] = {}
    for topic, adapter in ADAPTERS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": topic}
        schema |= adapter.json_schema(mode="serialization")
        text = json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        files[SCHEMAS / f"{topic}.json"] = text.encode()
    files |= {EXAMPLES / name: raw + b"\n" for name, raw in examples.golden().items()}
    files[ROOT / "services" / "mot" / "domain" / "events.py"] = structs.module().encode()
    return files


def differences(files: dict[Path, bytes]) -> list[str]:
    """Return one line per file that is not as generated."""
    found = []
    for path, content in files.items():
        old = path.read_bytes() if path.exists() else b""
        if old == content:
            continue
        name = path.relative_to(ROOT).as_posix()
        if path.parent == SCHEMAS and old:
            broken = breaks(json.loads(old), json.loads(content))
            kind = f"BREAK, needs a .v2 topic: {'; '.join(broken)}" if broken else "addition"
            found.append(f"{name}: {kind}")
        else:
            found.append(f"{name}: differs")
    return found


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare and return 1 on a difference."""
    files = generated()
    found = differences(files)
    for line in found:
        print(line)  # noqa: T201 a command's output
    if "--check" in arguments:
        return 1 if found else 0
    if any(": BREAK" in line for line in found) and "--break" not in arguments:
        print("not written: subscribers would break (--break before the first release only)")  # noqa: T201
        return 1
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

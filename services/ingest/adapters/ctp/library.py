"""库 — a CTP library is the user's to install; it is looked for by name, and tried out first.

Native code can end the process that loads it (one does when a locale is missing), so a process of
its own loads it first, and says what happened.
"""

import importlib
import os
import subprocess
import sys
from types import ModuleType

TRY_SECONDS = 30
REMEDIES = {
    "ctp_risk": "安装风控 API 的绑定：pip install ctp-risk==0.0.8.1 · install its binding",
    "openctp_ctp": "安装：pip install 'guanchao[ctp]' · install the trader API's wheel",
}
LOCALE = (
    "该库需要 zh_CN.GB18030：localedef -i zh_CN -f GB18030 zh_CN.GB18030"
    " · the library needs that locale, see docs/ingest/ctp.md"
)


class LibraryMissing(RuntimeError):
    """The library is not there or does not load; says what to do."""


def load(name: str) -> ModuleType:
    """Return the library's module; raises ``LibraryMissing``."""
    tried = subprocess.run(  # noqa: S603 the module's name is a setting of the operator
        [sys.executable, "-c", "import importlib, sys; importlib.import_module(sys.argv[1])", name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        timeout=TRY_SECONDS,
        check=False,
    )
    if tried.returncode:
        raise LibraryMissing(_why(name, tried.returncode, tried.stderr.decode(errors="replace")))
    return importlib.import_module(name)


def _why(name: str, code: int, said: str) -> str:
    package = name.partition(".")[0]
    remedy = REMEDIES.get(package, f"安装 {package} · install {package}")
    last = (said.strip().splitlines() or [""])[-1][:200]
    if "ModuleNotFoundError" in last:
        return f"{name} 不在 · {name} is not installed. {remedy}"
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    hint = LOCALE if "locale" in said else remedy
    return f"{name} 装不进来（{ended}：{last}）· it does not load. {hint}"

"""The ``curl`` commands of a page, word for word; only where they lead is another place."""

import asyncio
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tests.kit.shell_blocks import blocks

COMMAND = re.compile(r"^curl (?:.*\\\n)*.*$", re.MULTILINE)
TIMEOUT = 28  # what curl ends with when it has listened for as long as it may


def curls(page: Path) -> list[str]:
    """Return the page's curl commands, in order."""
    text = page.read_text(encoding="utf-8")
    return [one for _, body in blocks(text) for one in COMMAND.findall(body)]


@dataclass(frozen=True)
class Answer:
    """``code``: what curl ended with; ``status``: what the server said."""

    code: int
    status: int
    text: str


@dataclass(frozen=True)
class Shell:
    """A shell in which a port of the documents leads to another one."""

    folder: Path
    variables: dict[str, str]

    @classmethod
    def of(cls, folder: Path, documented: int, port: int, **variables: str) -> Self:
        """Return a shell for the documents' port; ``variables`` are what the reader fills in.

        What a command saves lands in ``folder``.
        """
        if shutil.which("curl") is None:
            raise RuntimeError("the documents ask with curl: apt-get install curl")
        there = f"127.0.0.1:{documented}:127.0.0.1:{port}"
        lines = (f'connect-to = "{there}"', "silent", r'write-out = "\n%{http_code}"', "")
        (folder / ".curlrc").write_text("\n".join(lines), encoding="utf-8")
        return cls(folder, {**os.environ, **variables, "CURL_HOME": f"{folder}"})

    def knowing(self, **variables: str) -> Self:
        """Return the shell with more variables."""
        return replace(self, variables={**self.variables, **variables})

    async def ask(self, command: str, seconds: int = 60) -> Answer:
        """Run a command; after ``seconds`` what it has heard is the answer."""
        child = await asyncio.create_subprocess_exec(
            "sh",
            *("-c", f"{command} --max-time {seconds}"),
            env=self.variables,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await child.communicate()
        text, _, status = said.decode().rpartition("\n")
        return Answer(child.returncode or 0, int(status), text)

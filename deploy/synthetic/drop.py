"""The drop folder: a file appears there whole or not at all."""

import os
from pathlib import Path

from deploy.synthetic.company import File

_LINES_AT_ONCE = 4096


def write(folder: Path, file: File) -> Path:
    """Write a file under a hidden name, sync it, and rename it to its own."""
    final, draft = folder / file.name, folder / f".{file.name}.part"
    with draft.open("w", encoding=file.encoding, newline="") as out:
        held: list[str] = []
        for line in file.lines:
            held.append(line)
            if len(held) >= _LINES_AT_ONCE:
                out.write("\r\n".join(held) + "\r\n")
                held.clear()
        if held:
            out.write("\r\n".join(held) + "\r\n")
        out.flush()
        os.fsync(out.fileno())
    draft.replace(final)
    return final

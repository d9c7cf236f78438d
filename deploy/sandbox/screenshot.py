"""``python -m deploy.sandbox.screenshot URL OUT.png [WIDTH HEIGHT]``: the page as a picture.

A developer's command: it needs Chromium and a Chinese font, which nothing else of the product does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
SIZE = ("1280", "900")
SECONDS = 60
USAGE = 2


def main(arguments: list[str]) -> int:
    """Return 0 when the picture is there; 1, with one line, when it could not be taken."""
    if len(arguments) not in (2, 4):
        sys.stderr.write(f"{__doc__}\n")
        return USAGE
    url, out, *size = arguments
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        remedy = "apt-get install -y chromium fonts-noto-cjk"
        sys.stderr.write(f"screenshot: no Chromium among {', '.join(BROWSERS)}; {remedy}\n")
        return 1
    return take(browser, url, Path(out).absolute(), tuple(size) or SIZE)


def take(browser: str, url: str, out: Path, size: tuple[str, ...]) -> int:
    """Take the picture with a profile of its own, which is removed again."""
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        options = [*QUIET, f"--user-data-dir={profile}", f"--window-size={','.join(size)}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")  # Chromium refuses root otherwise
        command = [browser, *options, f"--screenshot={out}", url]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 no shell, the caller's own address
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"screenshot: {browser} took longer than {SECONDS} s\n")
            return 1
    if not out.exists():
        last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        sys.stderr.write(f"screenshot: {browser} wrote no picture: {last}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

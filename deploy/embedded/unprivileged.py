"""PostgreSQL runs neither as root nor as a user without a name: the ways to run it all the same.

First a user namespace of its own, in which our files belong to the account ``nobody``: it needs no
rights and changes no file. Where namespaces are forbidden, root becomes ``nobody`` in earnest, to
whom its folder is given. An ordinary user with a name needs neither.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from deploy.embedded.refusal import Refusal

ACCOUNT = "nobody"


def prefix(state: Path, folder: Path, program: Path) -> tuple[str, ...]:
    """Return what to write before the command; ``folder``, inside ``state``, is made for it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    user = os.geteuid()
    if user != 0 and _has_name(user):
        return ()
    account = pwd.getpwnam(ACCOUNT)
    ours = folder.stat().st_uid == user
    namespace = namespaced(account)
    if ours and _runs((*namespace, str(program), "--version")):
        return namespace
    if user != 0:
        raise Refusal(
            f"用户号 {user} 没有用户名，PostgreSQL 不肯运行：换一个 /etc/passwd 里有的用户",
            f"user id {user} has no name, which PostgreSQL needs: run as a user of /etc/passwd",
        )
    return _given_to(account, state, folder, program)


def namespaced(account: pwd.struct_passwd) -> tuple[str, ...]:
    """Return the command that runs another as an account, in a namespace of its own."""
    return (
        "unshare",
        "--user",
        f"--map-user={account.pw_uid}",
        f"--map-group={account.pw_gid}",
        "--",
    )


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _given_to(
    account: pwd.struct_passwd, state: Path, folder: Path, program: Path
) -> tuple[str, ...]:
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    command = ("setpriv", *ids, "--")
    state.chmod(0o711)
    if not _runs((*command, str(program), "--version")):
        raise _unreachable(str(program))
    if not _runs((*command, "test", "-x", str(state))):
        raise _unreachable(str(state))
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    return command


def _runs(command: tuple[str, ...]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(  # noqa: S603 our own command
        command, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode == 0


def _unreachable(path: str) -> Refusal:
    return Refusal(
        f"以 root 运行时 PostgreSQL 需要用户命名空间（此处被禁止），nobody 又到不了 {path}："
        "改用普通用户运行，或把代码和 STATE 放到所有人可达的目录",
        f"as root PostgreSQL needs user namespaces, forbidden here, and nobody cannot reach {path}:"
        " run as an ordinary user, or keep code and STATE where everybody can reach them",
    )

"""Starts a program that does not outlive its parent: `python -I -S leash.py SIGNAL PARENT UID:GID|- PROGRAM ARGS...`.

Run as a script, with the standard library only, because it stands between two processes for a few milliseconds.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
#: A socket is a file; the usual soft limit of 1,024 is for programs that use select().
OPEN_FILES = 65_536


def main(argv: list[str]) -> None:
    """Become argv's program, under its account, tied to the parent that asked for it."""
    number, parent, account, *command = argv
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    # After setuid, which clears it.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before prctl took hold; then no signal will ever come.
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

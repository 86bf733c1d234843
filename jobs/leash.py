"""Becomes the program named by its arguments, tied to the life of the process that started it.

    python -I -S jobs/leash.py PARENT_PID PROGRAM ARG...

Asks the kernel to send SIGKILL when the parent thread ends, then replaces itself. A script of its own, because running
Python between fork and exec (`preexec_fn`) is not safe in a process with threads. The standard library only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie, check that the parent had not gone before, become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")
    os.execv(program[0], program)


if __name__ == "__main__":
    main()

"""Becomes the program named by its arguments, tied to the life of the process that started it.

    python -I -S jobs/leash.py PARENT_PID [--nice=N] PROGRAM ARG...

Asks the kernel to send SIGKILL when the parent thread ends, then replaces itself. A script of its own, because running
Python between fork and exec (`preexec_fn`) is not safe in a process with threads. The standard library only.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
#: Out of memory, the kernel ends a job, which goes on from its checkpoint, before the worker or the database.
OOM_SCORE = "500"


def main() -> None:
    """Tie, check that the parent had not gone before, step back behind the others, become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")
    if program[0].startswith("--nice="):
        os.nice(int(program.pop(0).removeprefix("--nice=")))
    # A core file would hold the data of a project, and fill the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A sandbox may forbid it; then the kernel chooses as it always does.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, "ascii")
    os.execv(program[0], program)


if __name__ == "__main__":
    main()

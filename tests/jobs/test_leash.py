"""A program on a leash dies with the process that started it."""

import os
import subprocess
import sys

import psutil

from jobs.supervisor import LEASH

LEASHED = [sys.executable, "-I", "-S", str(LEASH)]


def leashed(*program: str, parent: int | None = None) -> "subprocess.CompletedProcess[str]":
    command = [*LEASHED, str(parent or os.getpid()), *program]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_it_becomes_the_program() -> None:
    done = leashed(sys.executable, "-c", "print('here')")

    assert (done.returncode, done.stdout) == (0, "here\n")


def test_it_steps_back_behind_the_others_and_leaves_no_core() -> None:
    code = (
        "import os, resource; print(os.nice(0), resource.getrlimit(resource.RLIMIT_CORE)[0],"
        " open('/proc/self/oom_score_adj').read().strip())"
    )

    assert leashed("--nice=5", sys.executable, "-c", code).stdout == f"{os.nice(0) + 5} 0 500\n"


def test_it_does_not_start_for_a_parent_that_is_gone() -> None:
    done = leashed(sys.executable, "-c", "print('here')", parent=4194000)

    assert (done.returncode, done.stdout) == (1, "")
    assert "the parent is gone" in done.stderr


def test_the_program_dies_with_its_parent() -> None:
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    words = [*LEASHED, "PARENT", sys.executable, "-c", program]
    code = (
        "import os, subprocess, time;"
        f"words = [str(os.getpid()) if word == 'PARENT' else word for word in {words!r}];"
        "subprocess.Popen(words, start_new_session=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    leashed_one = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    psutil.wait_procs([leashed_one], timeout=5)
    assert not leashed_one.is_running() or leashed_one.status() == psutil.STATUS_ZOMBIE

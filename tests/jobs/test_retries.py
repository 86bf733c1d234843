"""What an error means for its job, kind by kind."""

import pytest

from jobs import retries
from jobs.retries import Answer
from protocol.errors import ErrorCode


def answer(code: str, *, permanent: bool = False, failures: int = 1, endless: bool = False) -> Answer:
    return retries.answer(code, permanent=permanent, failures=failures, limit=3, endless=endless)


@pytest.mark.parametrize("code", [code for code in ErrorCode if code != ErrorCode.DISK_FULL])
def test_a_permanent_error_is_never_tried_again(code: str) -> None:
    assert answer(code, permanent=True) is Answer.FAIL
    assert answer(code, permanent=True, endless=True) is Answer.FAIL


@pytest.mark.parametrize(("failures", "expected"), [(1, Answer.AGAIN), (3, Answer.AGAIN), (4, Answer.FAIL)])
def test_an_error_that_may_pass_is_tried_again_up_to_the_limit(failures: int, expected: Answer) -> None:
    assert answer("trainer_killed", failures=failures) is expected


def test_a_server_is_started_again_for_ever() -> None:
    assert answer("trainer_crashed", failures=1000, endless=True) is Answer.AGAIN


@pytest.mark.parametrize("failures", [1, 1000])
def test_a_full_disk_makes_it_rest_however_often(failures: int) -> None:
    assert answer("disk_full", failures=failures) is Answer.REST

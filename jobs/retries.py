"""What an error means for its job. Pure: the error says whether it passes, the policy how often and when to try again.

| error                       | what follows                                                        |
|-----------------------------|---------------------------------------------------------------------|
| permanent                   | the job fails: another try would end the same way                   |
| `disk_full`                 | the job rests, and goes on by itself once there is room             |
| any other                   | another try from the newest checkpoint, later each time             |
| the same, too often in a row| the job fails; a new checkpoint begins the count anew               |
| any, of an endless job      | another try, for ever                                               |
"""

import random
from enum import Enum

from protocol.errors import ErrorCode

LONGEST_BACKOFF_S = 60.0


class Answer(Enum):
    """What is done about an error."""

    FAIL = "fail"
    AGAIN = "again"
    REST = "rest"


def answer(code: str, *, permanent: bool, failures: int, limit: int, endless: bool) -> Answer:
    """What follows the `failures`-th error in a row, of which `limit` may pass."""
    if code == ErrorCode.DISK_FULL:
        return Answer.REST
    if permanent or (failures > limit and not endless):
        return Answer.FAIL
    return Answer.AGAIN


def backoff_s(failures: int) -> float:
    """A first error is answered at once; a row of errors waits longer each time, with jitter."""
    if failures <= 1:
        return 0.0
    return min(LONGEST_BACKOFF_S, 2.0 ** min(failures - 1, 16)) * random.uniform(0.75, 1.25)

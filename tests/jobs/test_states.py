"""The state machine, every pair of states."""

import pytest

from jobs.states import ACTIVE, HELD, TERMINAL, TRANSITIONS, JobState, allowed


@pytest.mark.parametrize("previous", JobState)
@pytest.mark.parametrize("to", JobState)
def test_a_move_is_allowed_when_the_table_says_so(previous: JobState, to: JobState) -> None:
    assert allowed(previous, to) == (to in TRANSITIONS[previous])


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_an_ended_job_stays_ended(state: JobState) -> None:
    assert TRANSITIONS[state] == frozenset()


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_every_job_that_is_not_over_can_end(state: JobState) -> None:
    seen, border = {state}, {state}
    while border:
        border = {to for each in border for to in TRANSITIONS[each]} - seen
        seen |= border

    assert seen & TERMINAL


def test_the_groups_cover_all_states() -> None:
    assert set(JobState) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL
    assert HELD < ACTIVE

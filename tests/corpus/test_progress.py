"""Progress at a bearable rate."""

from pathlib import Path

from corpus.progress import Progress
from protocol.process import Report, StopFlag


def test_progress_is_told_twice_a_second_and_at_the_end(tmp_path: Path) -> None:
    now = [0.0]
    with Report(tmp_path / "events") as report:
        progress = Progress(report, StopFlag(), stage="read", total=100, unit="rows", clock=lambda: now[0])
        for done in range(100):
            now[0] += 0.01
            progress(done)
        progress.finish()

    lines = (tmp_path / "events").read_text().splitlines()
    assert len(lines) == 3
    assert '"done": 100, "total": 100, "unit": "rows"' in lines[-1]

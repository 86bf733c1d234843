import hashlib
import time
from pathlib import Path

from jobs import events
from jobs.models import Artifact
from studio.glossaries import services
from tests import factories


def test_prof(project, monkeypatch):
    p = Path("/tmp/wb1concepts.jsonl")
    job = factories.job(project, "prepare_glossary")
    sha = hashlib.sha256(p.read_bytes()).hexdigest()
    art = Artifact.objects.create(
        job=job, name="concepts", attempt=0, path="x", sha256=sha, size_bytes=p.stat().st_size
    )
    monkeypatch.setattr(events, "artifact_path", lambda a: p)
    for _ in range(3):
        t = time.time()
        c = time.process_time()
        services.publish(project, "g%d" % min(_, 1), concepts=art, stats={}, job=job, source=None)
        print("TOTAL", time.time() - t, time.process_time() - c)

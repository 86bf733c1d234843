import cProfile, pstats, time, shutil
from pathlib import Path
from studio.glossaries import services
from studio.glossaries.models import *
from tests import factories
from jobs import events
from jobs.models import Artifact
import hashlib


def test_prof(project, monkeypatch):
    p = Path("/tmp/wb1concepts.jsonl")
    job = factories.job(project, "prepare_glossary")
    sha = hashlib.sha256(p.read_bytes()).hexdigest()
    art = Artifact.objects.create(
        job=job, name="concepts", attempt=0, path="x", sha256=sha, size_bytes=p.stat().st_size
    )
    monkeypatch.setattr(events, "artifact_path", lambda a: p)
    for _ in range(2):
        t = time.time()
        pr = cProfile.Profile()
        if _ == 0:
            pr.enable()
        services.publish(project, "g%d" % _, concepts=art, stats={}, job=job, source=None)
        pr.disable()
        print("TOTAL", time.time() - t)
        if _ == 0:
            pstats.Stats(pr).sort_stats("cumulative").print_stats(35)

"""The studio's settings, with the kinds of job that the benchmarks run."""

from studio.settings import *  # noqa: F403

JOB_KINDS = {"writer": "bench.rig.kinds.Writer", "tick": "bench.rig.kinds.Tick"}

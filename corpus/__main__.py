"""`python -m corpus prepare spec.json`: the jobs of this package as a process."""

import sys

from corpus.commands.apply_import import apply_import
from corpus.commands.augment import augment_dataset
from corpus.commands.clean import clean_dataset, undo_cleaning
from corpus.commands.coverage import coverage
from corpus.commands.dataset import prepare_dataset
from corpus.commands.diff import diff_versions
from corpus.commands.glossary import prepare_glossary
from corpus.commands.mine_terms import mine_terms
from corpus.commands.mix import measure_mix, mix_datasets
from corpus.commands.pairs import generate_pairs
from corpus.commands.replay import replay_command
from corpus.commands.replay_cli import main as replay_by_hand
from corpus.commands.resplit import resplit_dataset
from corpus.commands.rows import generate_rows
from corpus.commands.sample import sample_dataset
from corpus.commands.tokens import count_tokens
from corpus.commands.validate import validate_dataset
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Command, Report, StopFlag, run

COMMANDS: dict[str, Command] = {
    "prepare_dataset": prepare_dataset,
    "validate_dataset": validate_dataset,
    "sample_dataset": sample_dataset,
    "prepare_glossary": prepare_glossary,
    "apply_import": apply_import,
    "generate_rows": generate_rows,
    "augment_dataset": augment_dataset,
    "diff_versions": diff_versions,
    "resplit_dataset": resplit_dataset,
    "mix_datasets": mix_datasets,
    "measure_mix": measure_mix,
    "generate_pairs": generate_pairs,
    "clean_dataset": clean_dataset,
    "undo_cleaning": undo_cleaning,
    "count_tokens": count_tokens,
    "coverage": coverage,
    "mine_terms": mine_terms,
}
COMMANDS["replay_recipe"] = replay_command(COMMANDS)


def prepare(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """Whichever of the commands the spec's kind names. Raises SpecInvalid when none has the name."""
    kind = envelope.spec.kind
    if kind not in COMMANDS:
        raise SpecInvalid(reason=f"the kind {kind!r} is not a job of corpus")
    COMMANDS[kind](envelope, report, stop)


if __name__ == "__main__":
    if sys.argv[1:2] == ["replay"]:
        raise SystemExit(replay_by_hand(COMMANDS, sys.argv[2:]))
    names: dict[str, Command] = {"prepare": prepare, "validate": validate_dataset, "clean": prepare}
    raise SystemExit(run({**names, **COMMANDS}, sys.argv[1:]))

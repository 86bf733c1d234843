"""More rows for a dataset: said otherwise, guarded, each pointing to its parent."""

import json
from pathlib import Path

from corpus.augment.account import Account, summary_of
from corpus.augment.endpoint import Budget
from corpus.augment.guards import Guard, Limits
from corpus.augment.proposing import Proposed, proposed
from corpus.augment.protect import Protector
from corpus.augment.rows import Taken, children_of
from corpus.augment.synonyms import Synonyms
from corpus.carried import carried_prompts, carried_validation, prompt_keys
from corpus.commands.concepts import read_concepts
from corpus.errors import FileEmpty
from corpus.glossary.match import Matcher
from corpus.mix.rows import raw_rows
from corpus.output import Output
from corpus.progress import Progress
from corpus.rowfile import row_of
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import AugmentDatasetSpec

_PREVIEW_ROWS = 50


class _Augmenting:
    """One augmentation: the rows that are written, and what came of each parent."""

    def __init__(self, spec: AugmentDatasetSpec, train: Path, validation: list[Path]) -> None:
        self.spec = spec
        concepts = read_concepts(verified(spec.concepts)) if spec.concepts else []
        matcher = Matcher(concepts) if concepts else None
        self.protector = Protector(matcher, concepts_only=spec.glossary_synonyms)
        self.synonyms = Synonyms(matcher, concepts if spec.glossary_synonyms else ())
        self._guard = Guard(self.protector, Limits(min_edit=spec.min_edit, max_edit=spec.max_edit))
        self._taken = Taken(prompt_keys(validation))
        for raw in raw_rows(train):
            self._taken.add(raw.row)
        self.budget = Budget(spec.budget_tokens)
        self.account = Account()
        self.stats = {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
        self._written = 0

    def lines(self, each: Proposed) -> list[str]:
        """A row and its children, as lines; of a preview the children alone."""
        raw, parent, proposals = each
        lines = [raw.line.decode().rstrip("\r\n") + "\n"] if self.spec.preview is None else []
        if parent is None or self.account.is_enough(self.spec):
            return lines
        children = children_of(
            parent,
            proposals,
            self._guard,
            per_row=self.spec.per_row,
            provenance={"generator": self.spec.method, "seed": self.spec.seed},
            taken=self._taken,
        )
        self.account.note(parent, children)
        return lines + [row.as_line() for row in children.rows]

    def write(self, output: Output, name: str, line: str) -> None:
        """A row into a split, counted."""
        output.write(name, line)
        self.stats[name].add(row_of(json.loads(line)))
        if name == "train.jsonl" and self._written < _PREVIEW_ROWS:
            output.write("preview.jsonl", line)
        self._written += 1


def augment_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl with the new rows behind their parents; refused.jsonl; proposals.jsonl, what an endpoint said."""
    spec = envelope.spec
    if not isinstance(spec, AugmentDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    train = verified(spec.train)
    validation = [verified(spec.validation)] if spec.validation else []
    report.say("started", facts={"bytes": train.stat().st_size, "method": spec.method})
    work = _Augmenting(spec, train, validation)
    reading = Progress(report, stop, stage=spec.method, total=train.stat().st_size, unit="bytes")
    with Output(Path(envelope.workdir), report) as output:
        for name in (*work.stats, "prompts.jsonl", "preview.jsonl"):
            output.write(name, "")
        for each in proposed(spec, train, work.protector, work.synonyms, work.budget, output, reading):
            for line in work.lines(each):
                work.write(output, "train.jsonl", line)
            if spec.preview is not None and work.account.is_enough(spec):
                break
        if spec.preview is None and work.account.made == 0:
            raise FileEmpty(
                reason="no new row was made: nothing could be said otherwise, or every proposal was refused"
            )
        for line in carried_validation(validation):
            work.write(output, "validation.jsonl", line)
        prompts = list(carried_prompts([verified(spec.prompts)] if spec.prompts else []))
        reading.finish()
        _finish(work, output, prompts)
    _say_end(work, report)


def _finish(work: _Augmenting, output: Output, prompts: list[str]) -> None:
    output.write_lines("prompts.jsonl", prompts)
    refused = (json.dumps(each, ensure_ascii=False) + "\n" for each in work.account.refusals)
    output.write_lines("refused.jsonl", refused)
    facts = {name: counts.as_dict() for name, counts in work.stats.items()}
    output.write_json(
        "stats.json",
        {
            "train": facts["train.jsonl"],
            "validation": facts["validation.jsonl"],
            "prompts": {"rows": len(prompts), "prompts": len(prompts)},
            "augmentation": summary_of(work.spec, work.account, work.budget),
        },
    )
    output.finish(facts)


def _say_end(work: _Augmenting, report: Report) -> None:
    budget, account = work.budget, work.account
    if budget.is_spent:
        message = f"The budget of {budget.limit} tokens was spent after {account.parents} rows; the rest have no new ones."
        report.say("warned", code="budget_spent", message=message, data={"tokens": budget.spent})
    if account.refused:
        message = f"{account.refused.total()} proposals were refused by the guards."
        report.say("warned", code="proposals_refused", message=message, data=dict(account.refused))
    summary = {"parents": account.parents, "made": account.made, "refused": account.refused.total()}
    report.say("finished", summary=summary)

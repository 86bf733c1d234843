"""The evaluate job: the same prompts and texts through the base and the tuned model, and what the difference is worth.

One process loads the base once; "before" is the model with its adapter switched off.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from forge.errors import NoPrompts, RowInvalid
from forge.evaluation.answers import greedy
from forge.evaluation.bootstrap import ratio_score
from forge.evaluation.perplexity import chat_rows, item_losses, text_rows
from forge.evaluation.terms import Judge
from forge.files import appearing, digest_of, list_files, write_json
from forge.models.hub import Base, add_adapter, load_base
from protocol.evaluation import ItemResult, Metric, Score, TermPrompt
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag, Stopped
from protocol.specs.models import EvaluateSpec


def run(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """The whole job."""
    spec = envelope.spec
    if not isinstance(spec, EvaluateSpec):
        raise TypeError(f"an evaluate process was given a {spec.kind} spec")
    began = time.monotonic()
    torch.manual_seed(spec.seed)
    prompts = read_prompts(Path(spec.prompts.path))
    base = load_base(spec.base)
    tuned = add_adapter(base.model, spec.adapter, "tuned")
    report.say("started", facts={"prompts": len(prompts), "device": str(base.device)})

    def both(stage: str, measure: Callable[[str], Any]) -> tuple[Any, Any]:
        """The measure with the adapter off, then on."""
        if stop:
            raise Stopped
        with tuned.disable_adapter():
            before = measure(f"{stage}, before")
        if stop:
            raise Stopped
        return before, measure(f"{stage}, after")

    def answers(stage: str) -> list[str]:
        return greedy(
            base,
            [prompt.prompt for prompt in prompts],
            max_new_tokens=spec.max_new_tokens,
            batch_size=spec.batch_size,
            on_progress=lambda done: report.say(
                "progress", stage=stage, done=done, total=len(prompts), unit="prompts"
            ),
        )

    items = judged(prompts, *both("answers", answers))
    scores = term_scores(items, spec)
    if spec.validation is not None:
        rows = chat_rows(base, Path(spec.validation.path))
        scores.append(loss_score(Metric.VALIDATION_LOSS, base, rows, both, spec, report))
    if spec.general_text is not None:
        rows = text_rows(base, Path(spec.general_text.path))
        scores.append(loss_score(Metric.GENERAL_PERPLEXITY, base, rows, both, spec, report))
    meta = meta_of(spec, base, len(prompts), time.monotonic() - began)
    save(Path(envelope.workdir), items, scores, meta, report)


def read_prompts(path: Path) -> list[TermPrompt]:
    """The held-out prompts. Raises NoPrompts, RowInvalid."""
    prompts: list[TermPrompt] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            prompts.append(TermPrompt.model_validate_json(line))
        except ValidationError as error:
            raise RowInvalid(line=number, file=path.name, reason=str(error).splitlines()[0]) from error
    if not prompts:
        raise NoPrompts(file=path.name)
    return prompts


def judged(prompts: list[TermPrompt], before: list[str], after: list[str]) -> list[ItemResult]:
    """Each prompt with both answers and what they hold."""
    items = []
    judge = Judge(prompts)
    for prompt, old, new in zip(prompts, before, after, strict=True):
        first, second = judge(prompt, old), judge(prompt, new)
        items.append(
            ItemResult(
                id=prompt.id,
                concept=prompt.concept,
                prompt=prompt.prompt,
                expected=prompt.expected,
                forbidden=prompt.forbidden,
                before=old,
                after=new,
                before_correct=first.correct,
                after_correct=second.correct,
                before_forbidden=first.forbidden,
                after_forbidden=second.forbidden,
                unseen=prompt.unseen,
            )
        )
    return items


def term_scores(items: list[ItemResult], spec: EvaluateSpec) -> list[Score]:
    """Term accuracy and forbidden-term rate, clustered by concept.

    Where concepts were held out, the accuracy also apart: on taught ones it may be memory, on unseen ones it is not.
    """
    taught = [item for item in items if not item.unseen]
    unseen = [item for item in items if item.unseen]
    scores = [share_score(Metric.TERM_ACCURACY, items, right_in, spec)]
    if taught and unseen:
        scores.append(share_score(Metric.TERM_ACCURACY_TAUGHT, taught, right_in, spec))
        scores.append(share_score(Metric.TERM_ACCURACY_UNSEEN, unseen, right_in, spec))
    scores.append(share_score(Metric.FORBIDDEN_RATE, items, forbidden_in, spec))
    return scores


def right_in(item: ItemResult) -> tuple[bool, bool]:
    """Whether the answers before and after are right."""
    return item.before_correct, item.after_correct


def forbidden_in(item: ItemResult) -> tuple[bool, bool]:
    """Whether the answers before and after hold a forbidden form."""
    return item.before_forbidden, item.after_forbidden


def share_score(
    metric: Metric,
    items: list[ItemResult],
    marked: Callable[[ItemResult], tuple[bool, bool]],
    spec: EvaluateSpec,
) -> Score:
    """The share of answers that are marked, before and after."""
    pairs = [marked(item) for item in items]
    return ratio_score(
        metric,
        before=[float(before) for before, _ in pairs],
        after=[float(after) for _, after in pairs],
        weights=[1.0] * len(pairs),
        clusters=[item.concept for item in items],
        cluster="concept",
        resamples=spec.resamples,
        seed=spec.seed,
    )


def loss_score(
    metric: Metric, base: Base, rows: list[Any], both: Callable[..., Any], spec: EvaluateSpec, report: Report
) -> Score:
    """Loss (or perplexity) before and after, clustered by row or document."""

    def measure(stage: str) -> Any:
        report.say("progress", stage=stage, done=0, total=len(rows), unit="rows")
        losses = item_losses(base, rows)
        report.say("progress", stage=stage, done=len(rows), total=len(rows), unit="rows")
        return losses

    before, after = both(metric.value.replace("_", " "), measure)
    general = metric is Metric.GENERAL_PERPLEXITY
    return ratio_score(
        metric,
        before=[item.nats for item in before],
        after=[item.nats for item in after],
        weights=[float(item.tokens) for item in before],
        clusters=[str(index) for index in range(len(rows))],
        cluster="document" if general else "row",
        resamples=spec.resamples,
        seed=spec.seed,
        exponential=general,
    )


def meta_of(spec: EvaluateSpec, base: Base, prompts: int, seconds: float) -> dict[str, Any]:
    """How the figures came about, enough to get them again."""
    return {
        "base": spec.base.model_id,
        "base_revision": spec.base.revision,
        "model": spec.adapter.model_id,
        "adapter_sha256": spec.adapter.sha256,
        "prompts_sha256": spec.prompts.sha256,
        "validation_sha256": spec.validation.sha256 if spec.validation else None,
        "general_text_sha256": spec.general_text.sha256 if spec.general_text else None,
        "n_prompts": prompts,
        "decoding": "greedy",
        "max_new_tokens": spec.max_new_tokens,
        "batch_size": spec.batch_size,
        "resamples": spec.resamples,
        "seed": spec.seed,
        "device": str(base.device),
        "dtype": str(base.model.dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "seconds": round(seconds, 1),
    }


def save(
    workdir: Path, items: list[ItemResult], scores: list[Score], meta: dict[str, Any], report: Report
) -> None:
    """items.jsonl and scores.json, as one folder that appears whole."""
    target = workdir / "output"
    with appearing(target) as folder:
        lines = [json.dumps(item.model_dump(mode="json"), ensure_ascii=False) for item in items]
        (folder / "items.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        write_json(
            folder / "scores.json",
            {"scores": [score.model_dump(mode="json") for score in scores], "meta": meta},
        )
    files = list_files(target)
    size = sum(file.size_bytes for file in files)
    report.say("artifact", name="evaluation", path="output", sha256=digest_of(files), size_bytes=size)
    report.say("finished", summary={score.metric.value: round(score.change, 6) for score in scores})

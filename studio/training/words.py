"""The words of the config's fields and of a run's log, so that they are collected for translation; `protocol` knows no
languages.
"""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from studio.wording.telling import told

#: Titles and descriptions of `protocol.training.LoraConfig`; a test compares them.
WORDS = (
    _("Epochs"),
    _("How often every row is seen. More learns more and forgets more."),
    _("Learning rate"),
    _("Size of a step at its peak. Too high forgets or diverges, too low learns nothing."),
    _("Tokens per step"),
    _("Rows are packed up to this many tokens for one optimizer step; rows never see each other."),
    _("Longest row (tokens)"),
    _("A longer row is cut at its end; how many were cut is reported."),
    _("Rank"),
    _("Width of the adapter. 8 to 32 suits a glossary."),
    _("Alpha"),
    _("The adapter's output is scaled by alpha / rank."),
    _("Dropout"),
    _("Share of the adapter's inputs dropped while training."),
    _("Trained layers"),
    _("Adapters sit in this many topmost layers; 0 means all. Fewer is faster and forgets less."),
    _("Warm-up share"),
    _("Share of the steps in which the learning rate rises from zero."),
    _("Final learning rate share"),
    _("The cosine ends at this share of the peak."),
    _("Weight decay"),
    _("Pull of the adapter's weights towards zero (decoupled, AdamW)."),
    _("Gradient clipping"),
    _("Gradients with a larger norm are scaled down to it."),
    _("Pull towards the base model"),
    _(
        "Weight of the KL divergence from the base model on rows marked as replay. "
        "It keeps general knowledge while terms are learnt."
    ),
    _("Steps between checkpoints"),
    _("At most this many steps are computed again after a crash."),
    _("Checkpoints kept"),
    _(
        "The newest ones stay, and the one with the lowest validation loss beside them. "
        "With more of them a run survives more damage and takes more disk."
    ),
    _("Steps between validations"),
    _("0 validates before the first and after the last step only."),
    _("Stop early after"),
    _(
        "Ends the run when so many validations in a row brought nothing better, and keeps the best checkpoint; "
        "0 makes all steps. Without an interval of its own, validation is then made at every checkpoint."
    ),
    _("Smallest gain (nats)"),
    _("A validation counts as better when its loss is lower by more than this."),
    _("Tokens per pass"),
    _(
        "Rows of a step go through the model in passes of up to this many tokens; fewer take less memory. "
        "0 takes the whole step at once, and half as much whenever memory runs out. What is learnt is the same."
    ),
)

#: What a sentinel saw, and what is done about it; the page fills in the event's numbers, here and live.
SENTINELS = {
    "not_finite": _("Step {step}: the loss or the gradient is not a number"),
    "exploding": _("Step {step}: the loss is {value}, its limit was {limit}"),
    "zero_loss": _("Step {step}: the loss is zero"),
    "plateau": _("Step {step}: no better validation loss, {value} where {limit} was wanted"),
    "out_of_memory": _("Memory ran out with {value} tokens per pass"),
    "rolled_back": _("back to step {to_step}, learning rate × {lr_scale}"),
    "smaller_passes": _("goes on with {limit} tokens per pass"),
    "stopped": _("ends early, keeps the weights of step {best_step}"),
    "failed": _("the run has failed"),
}


#: The other events of a run; the page fills in their numbers, here and live.
LINES = {
    "started": _("training began"),
    "resumed": _("training goes on from step {step}"),
    "checkpoint": _("checkpoint at step {step}"),
    "evaluated": _("validation loss {value} at step {step}"),
    "set_aside": _("the checkpoint {path} is set aside: {reason}"),
    "artifact": _("wrote {name}, {size}"),
    "finished": _("training has finished"),
    "warned": _("warning: {message}"),
    "error": _("error: {message}"),
    "moved": _("{state}: {reason}"),
}

#: Why a job moved, as jobs say it.
REASONS = (
    _("created"),
    _("first event of its process"),
    _("somebody cancelled it"),
    _("somebody paused it"),
    _("somebody resumed it"),
    _("its process finished"),
    _("its process was stopped"),
    _("its worker stopped"),
    _("there is room on the disk again"),
)


def line_words() -> dict[str, str]:
    """All sentences of the log in the reader's language; a reason stands under its own words."""
    reasons = {reason: gettext(reason) for reason in REASONS}
    return {name: gettext(text) for name, text in (SENTINELS | LINES).items()} | reasons


def event_line(kind: str, payload: dict[str, Any], *, state: str, size: str) -> str:
    """An event as a line of the log; its state and its size in bytes as the reader writes them."""
    if kind == "sentinel":
        return sentinel_line(payload)
    words = line_words()
    name = {"failed": "error"}.get(kind, kind)
    values = {key: str(value) for key, value in payload.items() if isinstance(value, str | int | float)}
    values |= {"state": state, "size": size}
    if kind == "started" and payload["resumed_step"] is not None:
        name, values["step"] = "resumed", str(payload["resumed_step"])
    if "message" in values:
        values["message"] = told(payload)
    if kind == "evaluated":
        values["value"] = f"{payload['valid_loss']:.3f}"
    if kind == "moved":
        values["reason"] = words.get(payload["reason"], payload["reason"])
    return _filled(words.get(name, kind), values)


def sentinel_line(event: dict[str, Any]) -> str:
    """A `sentinel` event as a line of the log."""
    words = line_words()
    numbers = {"step": event["step"], "value": event["value"], "limit": event["limit"]} | event["facts"]
    shown = {name: "–" if value is None else f"{round(value, 3):g}" for name, value in numbers.items()}
    return "; ".join(_filled(words[event[part]], shown) for part in ("kind", "action"))


def _filled(text: str, numbers: dict[str, str]) -> str:
    for name, number in numbers.items():
        text = text.replace(f"{{{name}}}", number)
    return text

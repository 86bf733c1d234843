"""Messages survive their JSON, and refuse what they do not know."""

import pytest
from pydantic import BaseModel, ValidationError

from protocol.chat import Message
from protocol.evaluation import HIGHER_IS_BETTER, Metric, TermPrompt
from protocol.events import any_event, process_event
from protocol.jobs import Envelope
from protocol.training import METHODS, LoraConfig

_FILE = {"path": "/a", "filename": "a", "sha256": "0" * 64}
_BASE = {"model_id": "m", "path": "/m", "revision": "0" * 64}
_ADAPTER = {"model_id": "ft:m", "path": "/ft", "sha256": "0" * 64}
SPECS = (
    {"kind": "prepare_dataset", "file": _FILE},
    {"kind": "prepare_glossary", "file": _FILE},
    {"kind": "generate_rows", "concepts": _FILE, "replay": _FILE, "lang": "zh"},
    {"kind": "train", "base": _BASE, "train": _FILE, "config": {}},
    {"kind": "evaluate", "base": _BASE, "adapter": _ADAPTER, "prompts": _FILE},
    {"kind": "serve", "base": _BASE, "token": "t"},
)
EVENTS = (
    {"type": "started", "at": 1.0},
    {"type": "progress", "at": 1.0, "stage": "read", "done": 1, "total": 2},
    {"type": "evaluated", "at": 1.0, "step": 1, "valid_loss": 1.0, "valid_accuracy": 0.5, "n_tokens": 3},
    {"type": "checkpoint", "at": 1.0, "step": 1, "path": "c", "sha256": "0", "size_bytes": 1},
    {"type": "set_aside", "at": 1.0, "path": "1/c", "kept_as": "", "reason": "r"},
    {
        "type": "sentinel",
        "at": 1.0,
        "kind": "not_finite",
        "step": 1,
        "watched": "loss",
        "value": None,
        "limit": None,
        "action": "failed",
    },
    {"type": "artifact", "at": 1.0, "name": "a", "path": "output/a", "sha256": "0", "size_bytes": 1},
    {"type": "ready", "at": 1.0, "url": "http://127.0.0.1:1", "models": ["m"]},
    {"type": "warned", "at": 1.0, "code": "c", "message": "m"},
    {"type": "failed", "at": 1.0, "code": "c", "message": "m"},
    {"type": "finished", "at": 1.0},
)


def _envelope(spec: object) -> dict[str, object]:
    return {"job_id": "j", "attempt": 1, "workdir": "/w", "events": "/w/e", "spec": spec}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec["kind"])
def test_an_envelope_survives_its_json(spec: dict[str, object]) -> None:
    envelope = Envelope.model_validate(_envelope(spec))

    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope
    assert envelope.spec.kind == spec["kind"]


@pytest.mark.parametrize(
    "spec", [{"kind": "bake"}, {**SPECS[0], "path": "/etc"}, {**SPECS[0], "validation_share": 0.6}]
)
def test_an_unknown_spec_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Envelope.model_validate(_envelope(spec))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
def test_an_event_survives_its_json(event: dict[str, object]) -> None:
    said = process_event.validate_python(event)

    assert any_event.validate_json(process_event.dump_json(said)) == said


def test_a_process_cannot_say_what_the_studio_says() -> None:
    moved = {"type": "moved", "at": 1.0, "state": "a", "previous": "b", "reason": "c", "attempt": 1}

    assert any_event.validate_python(moved).type == "moved"
    with pytest.raises(ValidationError):
        process_event.validate_python(moved)


@pytest.mark.parametrize("class_", METHODS.values())
def test_every_training_field_says_what_it_is(class_: type[BaseModel]) -> None:
    hidden = {"version", "method"}
    fields = {name: field for name, field in class_.model_fields.items() if name not in hidden}

    assert all(field.title and field.description for field in fields.values())


def test_another_version_of_a_training_config_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="version"):
        LoraConfig.model_validate({"version": 2})


def test_every_metric_has_a_direction() -> None:
    assert set(HIGHER_IS_BETTER) == set(Metric)


@pytest.mark.parametrize(
    "value", [{"role": "bot"}, {"role": "user", "weight": 2}, {"role": "user", "mood": 1}]
)
def test_a_message_refuses_what_it_does_not_know(value: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Message.model_validate(value)


def test_a_message_cannot_be_changed() -> None:
    prompt = TermPrompt(id="a", concept="c", lang="en", generator="g", prompt="p", expected=("x",))

    with pytest.raises(ValidationError, match="frozen"):
        prompt.prompt = "q"  # type: ignore[misc]

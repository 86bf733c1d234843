"""The form of a recipe: steps in their order, each with its settings, drawn from the steps' JSON schemas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from corpus.cleaning.registry import STEPS, default_steps
from protocol.specs.datasets import CleaningStep
from studio.cleaning.words import step_about, step_name


@dataclass(frozen=True)
class Setting:
    """One thing that can be set of a step: how it is asked for, and what it is set to."""

    name: str
    label: str
    help: str
    #: checkbox, number, choice, or words (one a line or parted by commas).
    kind: str
    value: Any
    choices: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None
    is_whole: bool = False


@dataclass(frozen=True)
class StepForm:
    """A step of the recipe as the page shows it."""

    place: int
    name: str
    title: str
    about: str
    settings: list[Setting]
    is_first: bool
    is_last: bool


def step_forms(steps: tuple[CleaningStep, ...]) -> list[StepForm]:
    """The steps in their order."""
    return [
        StepForm(
            place=place,
            name=step.name,
            title=step_name(step.name),
            about=step_about(step.name),
            settings=_settings(step),
            is_first=place == 0,
            is_last=place == len(steps) - 1,
        )
        for place, step in enumerate(steps)
        if step.name in STEPS
    ]


def addable(steps: tuple[CleaningStep, ...]) -> list[tuple[str, str]]:
    """(name, title) of the steps that are not in the recipe."""
    there = {step.name for step in steps}
    return [(name, step_name(name)) for name in STEPS if name not in there]


def steps_from(posted: QueryDict) -> tuple[CleaningStep, ...]:
    """The recipe the form holds, after the button that was pressed: up, down, out, or a step added."""
    names = [name for name in posted.getlist("step") if name in STEPS]
    if not names and "action" not in posted:
        return default_steps()
    steps = [
        CleaningStep(name=name, version=STEPS[name].version, params=_params(name, posted)) for name in names
    ]
    verb, _, which = posted.get("action", "").partition(":")
    place = next((i for i, step in enumerate(steps) if step.name == which), None)
    match verb:
        case "up" if place:
            steps.insert(place - 1, steps.pop(place))
        case "down" if place is not None:
            steps.insert(place + 1, steps.pop(place))
        case "out" if place is not None:
            steps.pop(place)
        case "add" if (new := posted.get("new", "")) in STEPS and new not in names:
            steps.append(CleaningStep(name=new, version=STEPS[new].version))
    return tuple(steps)


def _settings(step: CleaningStep) -> list[Setting]:
    schema = STEPS[step.name].Params.model_json_schema()
    return [
        _setting(name, node, step.params.get(name, node["default"]))
        for name, node in schema["properties"].items()
    ]


def _setting(name: str, node: Mapping[str, Any], value: Any) -> Setting:
    label, help_ = gettext(node["title"]), gettext(node["description"])
    if node["type"] == "boolean":
        return Setting(name, label, help_, "checkbox", bool(value))
    if node["type"] in ("integer", "number"):
        low, high = node.get("minimum"), node.get("maximum")
        return Setting(
            name, label, help_, "number", value, low=low, high=high, is_whole=node["type"] == "integer"
        )
    if "enum" in node:
        choices = tuple((one, gettext(one.replace("_", " "))) for one in node["enum"])
        return Setting(name, label, help_, "choice", value, choices)
    return Setting(name, label, help_, "words", ", ".join(value))


def _params(name: str, posted: QueryDict) -> dict[str, Any]:
    """What the form says of a step, where it differs from the defaults; what is no number stays text and is refused."""
    params: dict[str, Any] = {}
    for setting in _settings(CleaningStep(name=name)):
        field = f"{name}.{setting.name}"
        text = str(posted.get(field, ""))
        if setting.kind == "checkbox":
            value: Any = field in posted
        elif field not in posted:
            continue
        elif setting.kind == "number":
            value = _number(text, is_whole=setting.is_whole)
        elif setting.kind == "words":
            value = [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]
            if ", ".join(value) == setting.value:
                continue
        else:
            value = text
        if value != setting.value:
            params[setting.name] = value
    return params


def _number(text: str, *, is_whole: bool) -> float | str:
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        return text

"""What a run says of itself when it is over: its figures, its curve, and the version of the code."""

import csv
import importlib.metadata
from pathlib import Path

from forge.training.checkpoint import Curve, State


def code_version() -> str:
    """Version of the code that trained."""
    try:
        return importlib.metadata.version("deepseek-studio")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"


def metrics(state: State) -> dict[str, float]:
    """The run in a few numbers."""
    curve = sorted(state.curve.items())
    measured = [values["valid_loss"] for _, values in curve if "valid_loss" in values]
    figures = {
        "steps": float(state.step),
        "tokens": float(state.tokens),
        "trained_tokens": float(state.trained_tokens),
        "train_loss": state.train_loss or 0.0,
    }
    if measured and state.valid_loss is not None:
        figures |= {"valid_loss_before": measured[0], "valid_loss": state.valid_loss}
    if state.kept_step is not None:
        figures["kept_step"] = float(state.kept_step)
    return figures


def write_csv(path: Path, curve: Curve) -> None:
    """The result file as the hosted service writes it."""
    names = {
        "train_loss": "train_loss",
        "train_accuracy": "train_accuracy",
        "valid_loss": "valid_loss",
        "valid_accuracy": "valid_mean_token_accuracy",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", *names.values()])
        for step, values in sorted(curve.items()):
            writer.writerow([step, *(f"{values[name]:.6f}" if name in values else "" for name in names)])

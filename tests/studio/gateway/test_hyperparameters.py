"""OpenAI's hyperparameters and ours."""

from typing import Any

import pytest

from protocol.training import LoraConfig
from studio.errors import InvalidRequest
from studio.gateway.hyperparameters import config_of, method_of, shown


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, LoraConfig()),
        ({"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}, LoraConfig()),
        ({"n_epochs": None}, LoraConfig()),
        ({"n_epochs": 5}, LoraConfig(epochs=5)),
        ({"learning_rate_multiplier": 0.5}, LoraConfig(learning_rate=0.0005)),
        ({"batch_size": 4}, LoraConfig(batch_tokens=512)),
        ({"batch_size": 100_000}, LoraConfig(batch_tokens=65536)),
        (
            {"epochs": 1.5, "rank": 4, "layers": 2, "kl_weight": 0.1},
            LoraConfig(epochs=1.5, rank=4, layers=2, kl_weight=0.1),
        ),
        ({"n_epochs": 2, "learning_rate": 0.002}, LoraConfig(epochs=2, learning_rate=0.002)),
    ],
)
def test_a_clients_table_becomes_a_config(given: dict[str, Any], expected: LoraConfig) -> None:
    assert config_of(given, place="hyperparameters") == expected


@pytest.mark.parametrize(
    ("given", "param", "says"),
    [
        ({"speed": 1}, "speed", "There is no hyperparameter 'speed'; there are n_epochs"),
        ({"version": 1}, "version", "There is no hyperparameter 'version'"),
        ({"n_epochs": "many"}, "n_epochs", "n_epochs must be a number or 'auto', not 'many'"),
        ({"n_epochs": True}, "n_epochs", "n_epochs must be a number or 'auto', not True"),
        ({"n_epochs": [3]}, "n_epochs", "must be a number or 'auto'"),
        ({"n_epochs": 1.5}, "n_epochs", "n_epochs is a whole number"),
        ({"n_epochs": 0}, "n_epochs", "n_epochs: Input should be greater than 0"),
        ({"batch_size": 0}, "batch_size", "batch_size must be at least 1"),
        (
            {"learning_rate_multiplier": 0},
            "learning_rate_multiplier",
            "learning_rate_multiplier: Input should be greater",
        ),
        ({"rank": 0}, "rank", "rank: Input should be greater than or equal to 1"),
        ({"rank": 1.5}, "rank", "rank: Input should be a valid integer"),
        ({"n_epochs": 2, "epochs": 3}, "epochs", "epochs says again what epochs is"),
        ({"batch_tokens": 512, "batch_size": 4}, "batch_size", "batch_size says again what batch_tokens is"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(given: dict[str, Any], param: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        config_of(given, place="method.supervised.hyperparameters")

    assert says in refused.value.message
    assert refused.value.data["param"] == f"method.supervised.hyperparameters.{param}"


@pytest.mark.parametrize("given", [{"n_epochs": 3, "batch_size": 8, "learning_rate_multiplier": 2.0}])
def test_a_config_is_shown_as_it_was_said(given: dict[str, Any]) -> None:
    assert shown(config_of(given, place="")).model_dump() == given


def test_parts_of_an_epoch_are_shown_as_whole_ones() -> None:
    assert shown(LoraConfig(epochs=0.2)).n_epochs == 1


def test_a_run_without_a_method_is_shown_as_supervised() -> None:
    method = method_of(LoraConfig(epochs=2))

    assert method["type"] == "supervised"
    assert method["supervised"]["hyperparameters"]["n_epochs"] == 2

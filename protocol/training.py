"""One frozen config class per training method. Pages, forms and REST are drawn from these.

`title` and `description` of a field are the words a person reads beside it; a field whose
`json_schema_extra["advanced"]` is true is folded away until asked for.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ADVANCED: dict[str, Any] = {"advanced": True}


class LoraConfig(BaseModel):
    """LoRA: small matrices beside the frozen weights are trained (Hu et al. 2021, arXiv 2106.09685)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: An old spec with another version is refused by name, never reinterpreted.
    version: Literal[1] = 1
    method: Literal["lora"] = "lora"

    epochs: float = Field(
        3.0,
        gt=0,
        le=100,
        title="Epochs",
        description="How often every row is seen. More learns more and forgets more.",
    )
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=0.1,
        title="Learning rate",
        description="Size of a step at its peak. Too high forgets or diverges, too low learns nothing.",
    )
    batch_tokens: int = Field(
        1024,
        ge=64,
        le=65536,
        title="Tokens per step",
        description="Rows are packed up to this many tokens for one optimizer step; rows never see each other.",
    )
    max_length: int = Field(
        512,
        ge=16,
        le=8192,
        title="Longest row (tokens)",
        description="A longer row is cut at its end; how many were cut is reported.",
    )
    rank: int = Field(
        16,
        ge=1,
        le=256,
        title="Rank",
        description="Width of the adapter. 8 to 32 suits a glossary.",
    )
    alpha: float = Field(
        32.0,
        gt=0,
        le=1024,
        title="Alpha",
        description="The adapter's output is scaled by alpha / rank.",
        json_schema_extra=ADVANCED,
    )
    dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Dropout",
        description="Share of the adapter's inputs dropped while training.",
        json_schema_extra=ADVANCED,
    )
    layers: int = Field(
        0,
        ge=0,
        le=512,
        title="Trained layers",
        description="Adapters sit in this many topmost layers; 0 means all. Fewer is faster and forgets less.",
        json_schema_extra=ADVANCED,
    )
    warmup_share: float = Field(
        0.05,
        ge=0,
        le=0.5,
        title="Warm-up share",
        description="Share of the steps in which the learning rate rises from zero.",
        json_schema_extra=ADVANCED,
    )
    min_lr_share: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Final learning rate share",
        description="The cosine ends at this share of the peak.",
        json_schema_extra=ADVANCED,
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay",
        description="Pull of the adapter's weights towards zero (decoupled, AdamW).",
        json_schema_extra=ADVANCED,
    )
    max_grad_norm: float = Field(
        1.0,
        gt=0,
        le=1000,
        title="Gradient clipping",
        description="Gradients with a larger norm are scaled down to it.",
        json_schema_extra=ADVANCED,
    )
    kl_weight: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Pull towards the base model",
        description=(
            "Weight of the KL divergence from the base model on rows marked as replay. "
            "It keeps general knowledge while terms are learnt."
        ),
        json_schema_extra=ADVANCED,
    )
    checkpoint_every: int = Field(
        25,
        ge=1,
        le=100_000,
        title="Steps between checkpoints",
        description="At most this many steps are computed again after a crash.",
        json_schema_extra=ADVANCED,
    )
    keep_checkpoints: int = Field(
        2,
        ge=1,
        le=100,
        title="Checkpoints kept",
        description=(
            "The newest ones stay, and the one with the lowest validation loss beside them. "
            "With more of them a run survives more damage and takes more disk."
        ),
        json_schema_extra=ADVANCED,
    )
    evaluate_every: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Steps between validations",
        description="0 validates before the first and after the last step only.",
        json_schema_extra=ADVANCED,
    )
    stop_patience: int = Field(
        0,
        ge=0,
        le=1000,
        title="Stop early after",
        description=(
            "Ends the run when so many validations in a row brought nothing better, and keeps the best checkpoint; "
            "0 makes all steps. Without an interval of its own, validation is then made at every checkpoint."
        ),
        json_schema_extra=ADVANCED,
    )
    stop_min_delta: float = Field(
        0.0,
        ge=0,
        le=10,
        title="Smallest gain (nats)",
        description="A validation counts as better when its loss is lower by more than this.",
        json_schema_extra=ADVANCED,
    )
    pass_tokens: int = Field(
        0,
        ge=0,
        le=65536,
        title="Tokens per pass",
        description=(
            "Rows of a step go through the model in passes of up to this many tokens; fewer take less memory. "
            "0 takes the whole step at once, and half as much whenever memory runs out. What is learnt is the same."
        ),
        json_schema_extra=ADVANCED,
    )


#: The union every spec carries; a new method is one more member here.
TrainingConfig = LoraConfig

#: Method name -> its config class: what a form may offer.
METHODS: dict[str, type[LoraConfig]] = {"lora": LoraConfig}

"""Loading a base model and its tokenizer from a folder; nothing is ever fetched."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from corpus.tokens.model import ModelTokens
from forge.errors import ModelInvalid, ModelNotFound, TokenizersDiffer
from forge.files import sha256_file
from forge.training.precision import weight_dtype
from protocol.serving import ServedAdapter
from protocol.specs.models import BaseModelRef

WEIGHTS = "adapter_model.safetensors"
#: A text in which tokenizers differ, if they do: scripts, spaces, digits, marks.
PROBE = "  Hello, World's 2 000,5 %\n\t你好，繁體 Ünïcödé 👍🏽 def f(x):\n    return x"


@dataclass(frozen=True)
class Base:
    """A loaded base model."""

    ref: BaseModelRef
    model: Any
    tokenizer: PreTrainedTokenizerFast
    #: What rows are trained as; it gives the tokens that the tokenizer gives.
    tokens: ModelTokens
    device: torch.device

    @property
    def context_length(self) -> int:
        """Tokens the model can attend to."""
        return int(self.model.config.max_position_embeddings)


def device() -> torch.device:
    """The accelerator if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_base(ref: BaseModelRef) -> Base:
    """The model in eval mode, in the dtype this machine is fast at. Raises ModelNotFound, ModelInvalid."""
    folder = checked(ref)
    where = device()
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=weight_dtype(where),
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
    tokenizer, tokens = load_tokenizer(folder), ModelTokens.load(folder)
    compare(ref.model_id, tokenizer, tokens)
    return Base(ref, model.to(where).eval(), tokenizer, tokens, where)


def load_tokens(ref: BaseModelRef) -> ModelTokens:
    """What turns rows into the model's tokens, without the model. Raises ModelNotFound, ModelInvalid."""
    return ModelTokens.load(checked(ref))


def checked(ref: BaseModelRef) -> Path:
    """The model's folder, whose manifest is the one that was meant. Raises ModelNotFound, ModelInvalid."""
    folder = Path(ref.path)
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise ModelNotFound(path=ref.model_id, reason="manifest.json is missing")
    found = sha256_file(manifest)
    if found != ref.revision:
        raise ModelInvalid(file="manifest.json", expected=ref.revision, found=found)
    return folder


def compare(model_id: str, tokenizer: PreTrainedTokenizerFast, tokens: ModelTokens) -> None:
    """Raise TokenizersDiffer unless a model is asked in the tokens that its rows are trained as."""
    probe = [{"role": "user", "content": PROBE}]
    text = str(tokenizer.apply_chat_template(probe, tokenize=False, add_generation_prompt=True))
    if text != tokens.template.render(probe, prompt=True):
        raise TokenizersDiffer(model=model_id, text=text)
    if list(tokenizer(text, add_special_tokens=False)["input_ids"]) != tokens.encode(text).ids:
        raise TokenizersDiffer(model=model_id, text=text)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The fast tokenizer of a model folder, padding on the left as generation wants it."""
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return cast("PreTrainedTokenizerFast", tokenizer)


def add_adapter(model: Any, adapter: ServedAdapter, name: str) -> PeftModel:
    """The model with one more adapter, verified by its hash. Raises ModelInvalid, ModelNotFound."""
    folder = Path(adapter.path)
    if not (folder / WEIGHTS).is_file():
        raise ModelNotFound(path=adapter.model_id, reason=f"{WEIGHTS} is missing")
    found = sha256_file(folder / WEIGHTS)
    if found != adapter.sha256:
        raise ModelInvalid(file=WEIGHTS, expected=adapter.sha256, found=found)
    if isinstance(model, PeftModel):
        model.load_adapter(str(folder), adapter_name=name, is_trainable=False)
        return model
    return PeftModel.from_pretrained(model, str(folder), adapter_name=name, is_trainable=False).eval()

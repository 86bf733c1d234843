"""The recipe of a dataset version: the operations that made it, in order, enough to make it again.

    {"operations": [{"op": "prepare_dataset", "version": 1, "params": {...}, "inputs": [sha256, ...],
                     "outputs": {"train": sha256, ...}}]}

An operation is a job of this package: `op` is the kind of its spec, `params` the spec without paths, where a file stands
as {"input": n, "filename": name}, n counting in `inputs`. An input is a stored file, or an output of an earlier
operation. To record an operation is `operation_of(spec)`; to read one back is `spec_of(operation, find)`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from corpus.errors import RecipeInvalid
from protocol.jobs import JobSpec
from protocol.specs.files import FileRef

#: An operation that is to give other bytes for the same params and inputs gets the next number; one not named has 1.
VERSIONS: dict[str, int] = {
    "prepare_dataset": 2,
    "clean_dataset": 2,
    "augment_dataset": 2,
    "generate_rows": 2,
    "resplit_dataset": 2,
}

#: The artifacts that are rows of a version, in the order in which their hashes make its content hash.
SPLITS = ("train", "validation", "prompts")

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

_FILE = frozenset(FileRef.model_fields)
_PLACE = frozenset({"input", "filename"})
_SPEC: TypeAdapter[JobSpec] = TypeAdapter(JobSpec)


class Operation(BaseModel):
    """One step: what was done, by which version of it, with what, to which files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: str = Field(min_length=1, max_length=64)
    version: int = Field(1, ge=1)
    params: dict[str, Any] = {}
    inputs: tuple[Sha256, ...] = ()
    #: Split -> sha256 of its file; an empty split has none.
    outputs: dict[str, Sha256] = {}

    @property
    def content_hash(self) -> str:
        """The content hash of the version this operation made."""
        return content_hash_of(self.outputs)


class Recipe(BaseModel):
    """The operations that made a version, each after those whose outputs it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: tuple[Operation, ...] = Field(min_length=1, max_length=10_000)

    @classmethod
    def read(cls, data: Any) -> Self:
        """A recipe from its JSON value. Raises RecipeInvalid."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the recipe"
            raise RecipeInvalid(reason=f"{place}: {first['msg']}") from error

    @property
    def last(self) -> Operation:
        """The operation that made the version."""
        return self.operations[-1]

    def after(self, parents: Iterable["Recipe"], outputs: Mapping[str, str]) -> "Recipe":
        """This recipe behind those of the versions it read, an operation they share standing once; with its outputs."""
        seen: dict[str, Operation] = {}
        for operation in (operation for parent in parents for operation in parent.operations):
            seen.setdefault(operation.model_dump_json(), operation)
        last = self.last.model_copy(update={"outputs": dict(outputs)})
        return Recipe(operations=(*seen.values(), *self.operations[:-1], last))

    def as_dict(self) -> dict[str, Any]:
        """The recipe as it is stored."""
        return self.model_dump(mode="json")


def content_hash_of(outputs: Mapping[str, str]) -> str:
    """sha256 over the hashes of the splits: same rows, same hash."""
    return hashlib.sha256("\n".join(outputs.get(split, "-") for split in SPLITS).encode()).hexdigest()


def operation_of(spec: JobSpec) -> Operation:
    """The operation a job's spec stands for."""
    inputs: list[str] = []
    params = _without_paths(spec.model_dump(mode="json", exclude={"kind"}), inputs)
    return Operation(op=spec.kind, version=VERSIONS.get(spec.kind, 1), params=params, inputs=tuple(inputs))


def recipe_of(spec: JobSpec) -> dict[str, Any]:
    """The recipe of one job's spec, as `Origin.recipe` takes it."""
    return Recipe(operations=(operation_of(spec),)).as_dict()


def spec_of(operation: Operation, find: Callable[[str], Path]) -> JobSpec:
    """The spec that does an operation again; `find` gives the path of the bytes with a sha256.

    Raises RecipeInvalid, and what `find` raises.
    """
    params = _with_paths(operation.params, operation.inputs, find)
    try:
        return _SPEC.validate_python({"kind": operation.op, **params})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RecipeInvalid(reason=f"the operation {operation.op!r}: {place}: {first['msg']}") from error


def _without_paths(value: Any, inputs: list[str]) -> Any:
    if isinstance(value, dict):
        if value.keys() == _FILE:
            inputs.append(value["sha256"])
            return {"input": len(inputs) - 1, "filename": value["filename"]}
        return {key: _without_paths(part, inputs) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_paths(part, inputs) for part in value]
    return value


def _with_paths(value: Any, inputs: Sequence[str], find: Callable[[str], Path]) -> Any:
    if isinstance(value, dict):
        if value.keys() == _PLACE:
            sha256 = _input(inputs, value["input"])
            return {"path": str(find(sha256)), "filename": value["filename"], "sha256": sha256}
        return {key: _with_paths(part, inputs, find) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_paths(part, inputs, find) for part in value]
    return value


def _input(inputs: Sequence[str], number: Any) -> str:
    if not isinstance(number, int) or not 0 <= number < len(inputs):
        raise RecipeInvalid(reason=f"it names the input {number!r} and has {len(inputs)}")
    return inputs[number]

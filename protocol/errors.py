"""Every error the house can say, by code.

StudioError
├── protocol: SpecInvalid, DiskFull
├── corpus.errors.CorpusError   what is wrong with a file or a glossary
├── jobs.errors.JobsError       what is wrong with a job's life
├── forge.errors.ForgeError     what is wrong with a model or a run
└── studio.<app>.errors         what is wrong with a request

A class carries a code and data; its docstring is the message, filled from the data.
HTTP lives elsewhere: `studio.errors` maps a code to a status.
"""

from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The documented codes; `docs/errors.md` gives cause and next step for each."""

    # Files and rows
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_TYPE_UNSUPPORTED = "file_type_unsupported"
    FILE_EXTENSION_MISMATCH = "file_extension_mismatch"
    ENCODING_INVALID = "encoding_invalid"
    NUL_IN_TEXT = "nul_in_text"
    LINE_TOO_LONG = "line_too_long"
    NESTING_TOO_DEEP = "nesting_too_deep"
    JSON_INVALID = "json_invalid"
    CSV_INVALID = "csv_invalid"
    COLUMN_MISSING = "column_missing"
    COLUMN_DUPLICATE = "column_duplicate"
    ROW_INVALID = "row_invalid"
    ROW_SHAPE_UNKNOWN = "row_shape_unknown"
    ROLE_INVALID = "role_invalid"
    NO_ASSISTANT_MESSAGE = "no_assistant_message"
    XML_INVALID = "xml_invalid"
    XML_ENTITY_FORBIDDEN = "xml_entity_forbidden"
    ROLE_ORDER = "role_order"
    TOOL_CALL_UNMATCHED = "tool_call_unmatched"
    WEIGHT_INVALID = "weight_invalid"
    ROW_TOO_LONG = "row_too_long"
    BOM_IN_TEXT = "bom_in_text"
    SHAPE_UNSURE = "shape_unsure"
    SHAPES_MIXED = "shapes_mixed"
    MAPPING_INVALID = "mapping_invalid"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_FORMULA = "cell_formula"
    SERIES_INVALID = "series_invalid"
    IMAGE_INVALID = "image_invalid"
    WORKBOOK_INVALID = "workbook_invalid"
    PARQUET_INVALID = "parquet_invalid"
    DOCUMENT_INVALID = "document_invalid"
    FILE_ENCRYPTED = "file_encrypted"
    ARCHIVE_INVALID = "archive_invalid"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    ARCHIVE_PATH_UNSAFE = "archive_path_unsafe"
    # Glossaries
    TBX_INVALID = "tbx_invalid"
    TERM_INVALID = "term_invalid"
    TERM_TOO_LONG = "term_too_long"
    LANGUAGE_INVALID = "language_invalid"
    STATUS_INVALID = "status_invalid"
    CONCEPT_DUPLICATE = "concept_duplicate"
    PREFERRED_CONFLICT = "preferred_conflict"
    GLOSSARY_EMPTY = "glossary_empty"
    GLOSSARY_TOO_LARGE = "glossary_too_large"
    BROADER_CYCLE = "broader_cycle"
    RDF_INVALID = "rdf_invalid"
    IMPORT_UNDECIDED = "import_undecided"
    IMPORT_CLOSED = "import_closed"
    IMPORT_STALE = "import_stale"
    BUDGET_TOO_SMALL = "budget_too_small"
    EDIT_CONFLICT = "edit_conflict"
    DRAFT_CLOSED = "draft_closed"
    DRAFT_UNCHANGED = "draft_unchanged"
    NOTHING_TO_UNDO = "nothing_to_undo"
    # Dataset versions
    RECIPE_INVALID = "recipe_invalid"
    RECIPE_INPUT_MISSING = "recipe_input_missing"
    REPLAY_DIFFERS = "replay_differs"
    MIX_UNREACHABLE = "mix_unreachable"
    ENDPOINT_PRIVATE = "endpoint_private"
    ENDPOINT_FAILED = "endpoint_failed"
    # Cleaning
    CLEANING_STEP_INVALID = "cleaning_step_invalid"
    CLEANING_STEP_UNAVAILABLE = "cleaning_step_unavailable"
    CLEANING_EDITS_INVALID = "cleaning_edits_invalid"
    TRAINING_CONTAMINATED = "training_contaminated"
    # Jobs
    SPEC_INVALID = "spec_invalid"
    ILLEGAL_MOVE = "illegal_move"
    LEASE_LOST = "lease_lost"
    JOB_FINISHED = "job_finished"
    JOB_CANCELLED = "job_cancelled"
    JOB_TIMEOUT = "job_timeout"
    TRAINER_CRASHED = "trainer_crashed"
    TRAINER_KILLED = "trainer_killed"
    KIND_UNKNOWN = "kind_unknown"
    DISK_FULL = "disk_full"
    # Training and models
    NO_TRAINABLE_TOKENS = "no_trainable_tokens"
    NO_LORA_TARGETS = "no_lora_targets"
    LOSS_NOT_FINITE = "loss_not_finite"
    LOSS_EXPLODED = "loss_exploded"
    LOSS_ZERO = "loss_zero"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_INVALID = "model_invalid"
    MODEL_NOT_DEPLOYED = "model_not_deployed"
    CHECKPOINT_INVALID = "checkpoint_invalid"
    CONTEXT_LENGTH_EXCEEDED = "context_length_exceeded"
    OUT_OF_MEMORY = "out_of_memory"
    NO_EVALUATION_PROMPTS = "no_evaluation_prompts"
    ENGINE_BUSY = "engine_busy"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    # Uploads in parts
    UPLOAD_CLOSED = "upload_closed"
    UPLOAD_OVERFULL = "upload_overfull"
    UPLOAD_SIZE_MISMATCH = "upload_size_mismatch"
    PART_UNKNOWN = "part_unknown"
    PART_DUPLICATE = "part_duplicate"
    PART_CONFLICT = "part_conflict"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    # Requests
    INVALID_REQUEST = "invalid_request_error"
    INVALID_API_KEY = "invalid_api_key"
    SECRET_UNREADABLE = "secret_unreadable"
    PERMISSION_DENIED = "permission_denied"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    QUOTA_EXCEEDED = "quota_exceeded"
    IDEMPOTENCY_KEY_REUSE = "idempotency_key_reuse"
    SHAPE_NOT_TRAINABLE = "shape_not_trainable"
    INVALID_TRAINING_FILE = "invalid_training_file"
    OBJECT_IN_USE = "object_in_use"
    SERVICE_UNAVAILABLE = "service_unavailable"
    INTERNAL = "server_error"


class StudioError(Exception):
    """Something went wrong."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL
    #: A permanent error is the same at the next try, so nothing retries it.
    permanent: ClassVar[bool] = True

    def __init__(self, **data: Any) -> None:
        self.data = data
        template = (type(self).__doc__ or "").strip().splitlines()[0]
        self.message = template.format(**data)
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The error as it is stored and sent: code, message, data."""
        return {"code": self.code.value, "message": self.message, "data": self.data}


class SpecInvalid(StudioError):
    """The spec is not valid: {reason}."""

    code = ErrorCode.SPEC_INVALID


class DiskFull(StudioError):
    """The disk is full: {needed_bytes} bytes are needed and {free_bytes} are free; free some, then it goes on."""

    code = ErrorCode.DISK_FULL
    permanent = False

"""What a person can do about an error, by its code."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corpus.fixes import FIXES
from protocol.errors import ErrorCode
from studio.wording.telling import phrase

#: Codes whose message alone says what to do are not here.
NEXT_STEPS: dict[str, Promise] = {
    ErrorCode.FILE_EMPTY: _("Choose a file that has rows in it."),
    ErrorCode.FILE_TOO_LARGE: _("Split the file and upload the parts one after another."),
    ErrorCode.FILE_TYPE_UNSUPPORTED: _("Choose a file of one of the kinds that are named."),
    ErrorCode.FILE_EXTENSION_MISMATCH: _("Give the file the ending of what is in it, or export it again."),
    ErrorCode.ENCODING_INVALID: _("Save the file as UTF-8, or say which encoding it has."),
    ErrorCode.NUL_IN_TEXT: _(
        "Export the file again as plain UTF-8 text; a NUL character is a broken export."
    ),
    ErrorCode.LINE_TOO_LONG: _("Break the record into shorter ones."),
    ErrorCode.NESTING_TOO_DEEP: _("Flatten the record; rows need only messages with role and content."),
    ErrorCode.JSON_INVALID: _("Correct this line: each line must be one whole JSON object."),
    ErrorCode.CSV_INVALID: _("Correct this line; a quote inside a cell is doubled."),
    ErrorCode.COLUMN_MISSING: _("Add the column, or rename the one that holds it."),
    ErrorCode.COLUMN_DUPLICATE: _("Rename or remove one of the two columns."),
    ErrorCode.ROW_INVALID: _("Correct this row and upload the file again."),
    ErrorCode.ROW_SHAPE_UNKNOWN: _(
        "Write rows as messages, or as prompt and completion; the sample shows how."
    ),
    ErrorCode.SHAPE_UNSURE: _("Say what the rows are and which column is which part of them."),
    ErrorCode.ROLE_INVALID: _("Use one of the roles developer, system, user, assistant or tool."),
    ErrorCode.NO_ASSISTANT_MESSAGE: _("Add the answer the model should learn to this row."),
    ErrorCode.XML_INVALID: _("Correct the XML at this place, or export the glossary again."),
    ErrorCode.XML_ENTITY_FORBIDDEN: _(
        "Export without entities or a document type; they are refused for safety."
    ),
    ErrorCode.TBX_INVALID: _(
        "Export the glossary as TBX (ISO 30042) again, or use CSV; the sample shows how."
    ),
    ErrorCode.MAPPING_INVALID: _("Say again what the columns mean."),
    ErrorCode.IMPORT_UNDECIDED: _("Choose what becomes of each conflict, one by one or for all like it."),
    ErrorCode.IMPORT_STALE: _("Plan the import again; it is then compared with the newest version."),
    ErrorCode.GLOSSARY_TOO_LARGE: _("Split the glossary by subject field and upload the parts."),
    ErrorCode.RDF_INVALID: _("Correct the place named, or export as SKOS again."),
    ErrorCode.TERM_INVALID: _("Correct the term at this place."),
    ErrorCode.TERM_TOO_LONG: _("Shorten the term; a sentence belongs into the definition or an example."),
    ErrorCode.LANGUAGE_INVALID: _("Use a language code such as en, de or zh-Hans."),
    ErrorCode.STATUS_INVALID: _("Correct the status in this line and upload the file again."),
    ErrorCode.CONCEPT_DUPLICATE: _("Give each concept an id of its own, or put its terms together."),
    ErrorCode.PREFERRED_CONFLICT: _(
        "Decide which form is preferred, and make the other one admitted or deprecated."
    ),
    ErrorCode.GLOSSARY_EMPTY: _("Choose a glossary with at least one concept."),
    ErrorCode.SPEC_INVALID: _("Go back, correct the setting and start again."),
    ErrorCode.TRAINER_CRASHED: _("Read the end of its log; then start it again."),
    ErrorCode.TRAINER_KILLED: _(
        "It was ended from outside, often for want of memory: use a smaller batch and start it again."
    ),
    ErrorCode.DISK_FULL: _("Delete files, models or other things on that disk; the job goes on by itself."),
    ErrorCode.QUOTA_EXCEEDED: _("Wait, delete what is no longer needed, or ask an operator for more."),
    ErrorCode.OUT_OF_MEMORY: _(
        "Lower the tokens per step or the longest row, or choose a smaller base model."
    ),
    ErrorCode.ARCHIVE_INVALID: _("Pack the files again and upload the new archive."),
    ErrorCode.ARCHIVE_TOO_LARGE: _("Upload the files unpacked, or in parts."),
    ErrorCode.ARCHIVE_PATH_UNSAFE: _("Pack the files again with a usual program."),
    ErrorCode.WORKBOOK_INVALID: _("Choose the sheet, or save it again as .xlsx or as CSV (UTF-8)."),
    ErrorCode.PARQUET_INVALID: _("Write the Parquet file again."),
    ErrorCode.DOCUMENT_INVALID: _("Save the document again; recognise the text of a scan first."),
    ErrorCode.BROADER_CYCLE: _("Remove one of the links between these concepts."),
    ErrorCode.ENDPOINT_FAILED: _("Check the generator's address, model and key; then start again."),
    ErrorCode.JOB_TIMEOUT: _("Take fewer rows or epochs, or ask an operator for a longer limit."),
    ErrorCode.LOSS_ZERO: _("Look for answers that stand in their own questions, and for weights of 0."),
    ErrorCode.NO_LORA_TARGETS: _("Choose another base model, or more trained layers."),
    ErrorCode.LOSS_NOT_FINITE: _("Lower the learning rate and start again."),
    ErrorCode.NO_TRAINABLE_TOKENS: _("Check that rows have assistant turns within the longest row allowed."),
    ErrorCode.MODEL_NOT_DEPLOYED: _("Deploy the model first."),
    ErrorCode.NO_EVALUATION_PROMPTS: _("Make training rows from a glossary; they bring test questions."),
    ErrorCode.PERMISSION_DENIED: _("Ask an owner of the project for a larger role."),
}


def next_step(code: str) -> str:
    """What to do about an error; nothing for a code whose message says it all."""
    if code in NEXT_STEPS:
        return str(NEXT_STEPS[code])
    return phrase(FIXES[ErrorCode(code)]) if code in FIXES else ""

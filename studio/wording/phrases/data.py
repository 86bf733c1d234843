"""Of dataset versions, cleanings, tokens and uploads in parts; a test compares them with the code."""

from django.utils.translation import gettext_noop as _

from studio.wording.template import pgettext_noop as pgettext

#: What the docstrings of the errors say.
ERRORS = (
    _("The mix of {wanted} cannot be reached: {reason}. There are {there}; the nearest mix is {nearest}."),
    _("{host!r} leads to {address}, inside a network, where no generator is asked."),
    _("The generator's endpoint gave no answer: {reason}."),
    _("The recipe is not valid: {reason}."),
    _("The recipe needs a file that is not there any more: sha256 {sha256}."),
    _("Operation {step} ({op}) gave other rows: {expected} was expected, {found} came out."),
    _("The operation {op!r} could not be done again: {reason}."),
    _("The model's {file} cannot be read: {reason}."),
    _("The model's chat template {reason}."),
    _("Something is wrong with a cleaning."),
    _("There is no cleaning step {step!r} of version {version}; there are: {known}."),
    _("The cleaning step {step!r}: {field} {reason}."),
    _("The cleaning step {step!r} cannot be done here: {reason}."),
    _("The edit log does not belong to these rows: {reason}."),
    _(
        "{n} training rows hold rows that models are measured with ({sets}): drop them by the cleaning step `decontaminate`, or say why you train all the same."
    ),
    _("Something is wrong with a request about a cleaning."),
    _("There is nothing to undo in this cleaning: {reason}."),
    _("This cleaning has no such suggestions: {reason}."),
    _("Something is wrong with a stored file."),
    _("{purpose!r} is not a purpose; it is one of {known}."),
    _("The file {filename!r} cannot be deleted: {reason}."),
    _("The file {filename!r} was refused, so its content was not kept."),
    _("The file {name!r} that job {job} left is not what it was when it was written."),
    _("The uploaded file {file} was deleted."),
    _("Job {job} ended well and did not leave its {name}."),
    _("{version} has no recipe, so it cannot be made again."),
    _("{version} cannot be deleted: {named} use it."),
    _("Something is wrong with what is to be done with a file."),
    _(
        "The file {filename!r} has the purpose {purpose!r}; only files with the purpose 'fine-tune' are read as rows."
    ),
    _("The file {filename!r} is being read; wait until that is over, or cancel its job."),
    _("Tokens cannot be shown."),
    _("There is no row {row}; rows are counted from 1."),
    _("The row cannot be shown as tokens: {reason}."),
    _(
        "Row {row} lies behind the first {limit}: count the tokens of the dataset first, then any row is found."
    ),
    _("Something is wrong with an upload in parts."),
    _("The upload {upload} is {status}; it takes nothing any more. Start a new one."),
    _("The upload takes no further part: {reason}."),
    _("The parts have {found_bytes} bytes together; {announced_bytes} were announced."),
    _("The part has no bytes."),
    _("The part has {size_bytes} bytes; a part has at most {limit_bytes}."),
    _("The upload has no part {part!r}."),
    _("The part {part!r} is named twice."),
    _("The upload has another part number {number} already."),
    _("The {kind} of the bytes is {found}; {expected} was given."),
)
#: Why, and what to do, as it stands inside an error.
REASONS = (
    _("some of what is wanted is not in the rows at all, or the weights cannot be kept with it"),
    _("at this mix there are {n} of the {total} that were asked for"),
    _("the rows are too few or too large to come nearer"),
    _("it answered {status}"),
    _("its answer is no JSON object"),
    _("its answer is no JSON"),
    _("its answer is too long or too slow"),
    _("{folder} is not empty"),
    _("{op!r} is no operation that makes rows"),
    _("it left no training rows"),
    _("{path} cannot be read: {cause}"),
    _("it names the input {number!r} and has {n}"),
    _("the operation {op!r}: {field}: {reason}"),
    _("it is not an object"),
    _("it is not the one that was meant"),
    _("it is not the file that the manifest names"),
    _("is missing: the model was not made for conversations"),
    _("cannot be read: {cause}"),
    _("refuses a conversation: {cause}"),
    _("changes earlier turns when one is added, so the assistant's tokens cannot be told apart"),
    _("it has no {cause}"),
    _("it has more than {limit} characters"),
    _("the Chinese confusion sets are missing: pip install --no-deps pycorrector"),
    _("a line of the suggestions is none"),
    _("the cleaned rows end before row {row}"),
    _("a line of it is no entry"),
    _("a suggestion for {text!r} is not of this row"),
    _("it does not give the {split} rows back; nothing was kept"),
    _("no version came of it, or it was deleted"),
    _("it has {n} steps"),
    _("it has {n}"),
    _("it is being read; cancel that job first"),
    _("{cause} needs it"),
    _("it would have {total} bytes, {announced} were announced"),
    _("it has {limit} parts; send larger ones"),
    _("Reading the file was cancelled; upload it again."),
    _("its file was read or refused already; upload it again."),
    _("it does not exist."),
    _("{old} characters became {new}"),
    _("{share} of it changed"),
    _("{share} of the characters or their pairs are shared"),
)
#: How far something is, and what is asked of it.
STATES = (
    pgettext("state", "completed"),
    pgettext("state", "expired"),
    pgettext("state", "cancelled"),
)

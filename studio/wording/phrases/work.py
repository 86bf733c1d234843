"""Of jobs, runs, models, evaluations and deployments; a test compares them with the code."""

from django.utils.translation import gettext_noop as _

from studio.wording.template import pgettext_noop as pgettext

#: What the docstrings of the errors say.
ERRORS = (
    _("The spec is not valid: {reason}."),
    _(
        "The disk is full: {needed_bytes} bytes are needed and {free_bytes} are free; free some, then it goes on."
    ),
    _("Something is wrong with a job."),
    _("Job {job} cannot move from {previous} to {to}."),
    _("Attempt {attempt} of job {job} has lost its lease to attempt {current}."),
    _("Job {job} is already {state}."),
    _("A job that is {state} cannot be {asked}: {advice}"),
    _("Job {job} cannot be tried again: {reason}"),
    _("Job {job} has no checkpoint at step {step} on the disk; there are: {kept}."),
    _("This project may have {limit} {words} and has {use}. {advice} An operator can raise the limit."),
    _("There is no job kind {kind!r}."),
    _("The process ended with exit code {exit_code} and did not say why; its log has the last lines."),
    _("The process was ended by signal {signal}."),
    _("Something unexpected broke job {job}; the worker's log has the traceback."),
    _("Something is wrong with a model or a run."),
    _("The model {model} has no linear layers in its topmost {layers} layers to adapt."),
    _(
        "The {what} at step {step} is {value}: lower the learning rate or look for broken rows near this step."
    ),
    _("The loss at step {step} is {value:.4g}, its limit was {limit:.4g}: lower the learning rate or alpha."),
    _(
        "The loss was zero for several steps up to step {step}: the rows have nothing (left) to learn; look at them."
    ),
    _("Memory ran out on {device} {where}: lower the longest row, the trained layers or the rank."),
    _("There is no usable model in {path}: {reason}."),
    _("The file {file} of the model is not what it was: expected sha256 {expected}, found {found}."),
    _(
        "The tokenizer that serves {model} and the one its rows are trained with give different tokens for {text!r}."
    ),
    _("The checkpoint {path} cannot be used: {reason}."),
    _("The file {file} has no evaluation prompts."),
    _("This model's context is {limit} tokens; the messages take {prompt} and the answer may take {answer}."),
    _("The server answers {running} requests and {waiting} wait; try again in a moment."),
    _("{reason}"),
    _("The model failed on this request; the server's log has the traceback."),
    _("Something is wrong with a deployment."),
    _(
        "The model {model!r} is not deployed: deploy it on the Deployments page or with POST /api/deployments."
    ),
    _("The model {model!r} is being loaded: try again in {retry_after_s} seconds."),
    _("No deployment belongs to the job {job}: deploy the model again."),
    _(
        "The model {model!r} cannot be deleted while it is deployed as {deployment!r}: stop the deployment first."
    ),
    _(
        "The server of the model {model!r} does not answer; it is started again: try again in {retry_after_s} seconds."
    ),
    _("No model of this project is deployed, so nothing can translate; deploy one, then ask again."),
    _("The model {model!r} answered {status} instead of a translation: {message}"),
    _("Something is wrong with an evaluation."),
    _("The dataset {dataset} has no held-out prompts: make a dataset from a glossary, which brings them."),
    _("No evaluation belongs to the job {job}: start the evaluation again."),
    _("The text {path} that general perplexity is measured on is not there."),
    _("The result of the evaluation cannot be read: {reason}"),
    _(
        "The model {model!r} cannot be deleted while an evaluation of it is under way: wait for its end or cancel it."
    ),
    _("Something is wrong with a model."),
    _("The model {model!r} does not exist or you do not have access to it."),
    _(
        "The file {file} of the model {model!r} is not what it was: expected sha256 {expected}, found {found}."
    ),
    _("The manifest of the model {model!r} is not valid: {reason}"),
    _(
        "The model {model!r} was trained on revision {trained} of {base!r}, which is now {current}: train it again."
    ),
    _("Something is wrong with a run."),
    _("The dataset {dataset} has no training rows: add rows, or choose a smaller validation share."),
    _(
        "The rows of {dataset} are of the shape {shape!r}, from which nothing can be trained yet; it can be from: {known}."
    ),
    _("The files of the base model {model!r} are not in the models folder: import it again."),
    _("No run belongs to the job {job}: start the run again."),
    _("The run {run} has no checkpoint on the disk: wait for its first, or pause it."),
    _("No machine has the label {label!r}; there are: {known}."),
    _("The file {file!r} cannot be trained on: {reason}"),
)
#: Why, and what to do, as it stands inside an error.
REASONS = (
    _("the kind {kind!r} is not a job of corpus"),
    _("the kind {kind!r} is not for this command"),
    _("the method {method} needs a generator"),
    _("there are no phrasings for {lang!r}, only for {known}"),
    _("there is no generator {names}"),
    _("line {line} of the concepts is not a concept: {cause}"),
    _("the file {filename!r} is not there"),
    _("the file {filename!r} does not have the sha256 of the spec"),
    _("only one that failed or was cancelled can."),
    _("pause or cancel it first."),
    _("wait until it is paused."),
    _("start it again once it has ended."),
    _("Wait until one has begun, or cancel one."),
    _("Delete files or models that are no longer needed."),
    _("Minutes count for 30 days; wait until older ones no longer do."),
    _("An unexpected {name} ended the process; its log has the traceback."),
    _("the package is not installed; run `make setup`"),
    _("{file} is missing"),
    _("this server answers for {names}"),
    _("while the model and its data were prepared"),
    _("with one row of {tokens} tokens"),
    _("in validation, row by row"),
    _("it is of version {version}, this is version {current}"),
    _("its weights belong to another model or another adapter"),
    _("missing or changed: {files}"),
    _("it cannot be read: {cause}"),
    _("{path!r} leads out of its folder"),
    _("its job trained nothing"),
    _("there is none"),
    _("spec.json: {cause}"),
    _("it is still being read after {seconds} seconds; wait until its status is 'processed'."),
    _("its purpose is {purpose!r}, and no dataset was made from it; upload it with purpose 'fine-tune'."),
    _("{stage}, before"),
    _("{stage}, after"),
)
#: How far something is, and what is asked of it.
STATES = (
    pgettext("state", "queued"),
    pgettext("state", "starting"),
    pgettext("state", "running"),
    pgettext("state", "pausing"),
    pgettext("state", "paused"),
    pgettext("state", "cancelling"),
    pgettext("state", "succeeded"),
    pgettext("state", "failed"),
    pgettext("state", "tried again"),
    pgettext("state", "restarted"),
    pgettext("state", "resumed"),
)
#: What something is said of.
THINGS = (
    pgettext("thing", "jobs in line"),
    pgettext("thing", "bytes on the disk"),
    pgettext("thing", "minutes of computing"),
    pgettext("thing", "loss"),
    pgettext("thing", "gradient norm"),
    pgettext("thing", "validation loss"),
    pgettext("thing", "answers"),
    pgettext("thing", "general perplexity"),
)
#: What jobs warn of.
WARNINGS = (
    _("The checkpoint of step {step}, the best one, is gone; the last weights are kept."),
    _("No sound checkpoint is left: the run starts anew."),
)

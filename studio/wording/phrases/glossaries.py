"""Of glossaries, their files, drafts and imports; a test compares them with the code."""

from django.utils.translation import gettext_noop as _

from studio.wording.template import pgettext_noop as pgettext

#: What the docstrings of the errors say.
ERRORS = (
    _("The glossary is empty: {reason}."),
    _(
        "The glossary has more than {limit:,} terms, the most that one holds; split it by subject field or leave out languages."
    ),
    _("The concept {concept!r} has a conflict ({code}) that is not decided, or that a choice made: {first}."),
    _("The mapping of the columns does not fit the file: {reason}."),
    _("A budget of {budget} rows is too small: {contexts} contexts for every concept are {needed} rows."),
    _("the XML is not TBX: {reason}."),
    _("the RDF is not valid: {reason}."),
    _("the term {term!r} {reason}."),
    _("a term has {length} characters; at most {limit} are allowed."),
    _("{lang!r} is not a language tag such as en, en-GB or zh-Hans."),
    _("{status!r} is not a status; one is preferred, admitted, deprecated, superseded or forbidden."),
    _("the concept {concept!r} stands already in line {first_line}."),
    _(
        "the concept {concept!r} has a second preferred term in {lang}: {term!r}; the first is in line {first_line}."
    ),
    _(
        "{term!r} ({lang}) is {status} in {concept!r} but {first_status} in {first_concept!r} in line {first_line}."
    ),
    _("the concept {concept!r} is wider than itself: {path}."),
    _("Something is wrong with a glossary."),
    _("Rows can be written in {offered}, not in {lang!r}."),
    _("The {what} does not belong to this project."),
    _("Version {number} has no concepts, so there is nothing to look for; choose another version."),
    _("No text was chosen; name at least one dataset version or file."),
    _("The candidate {text!r} is {state} already; load the list again."),
    _("The {what} {id} that the rows were to be made from is no longer there."),
    _("The concept {uid!r} cannot be kept: {field} {reason}."),
    _("The term {value!r} of the concept {uid!r} {reason}."),
    _("The concept {uid!r} has the term {value!r} twice in {reason}."),
    _("The term {value!r}... of the concept {uid!r} {reason}."),
    _("{value!r} is not a language tag such as en, en-GB or zh-Hans."),
    _("{value!r} is not a status; one is preferred, admitted, deprecated, superseded or forbidden."),
    _("The concept {uid!r} would prefer a second term in {reason}: {value!r}; make one of them admitted."),
    _("The draft is {state}: nothing can be changed in it any more; a new edit begins a new draft."),
    _("The draft says what the newest version of {glossary!r} says already, so there is nothing to publish."),
    _("The concept {uid!r} was changed meanwhile by {by}: look at both and decide."),
    _(
        "Version {number} was published meanwhile and changes {count} of the draft's concepts too: {uids}; say whose to keep."
    ),
    _("You have nothing to {move} in this draft."),
    _("The glossary {name!r} cannot be deleted: {reason}."),
    _("A glossary's name has 1 to {limit} characters."),
    _("The project has a glossary {name!r} already."),
    _("The entries cannot be taken: {reason}."),
    _("The import is {state}; nothing can be decided any more."),
    _("{count} conflicts wait for a choice, the first about the concept {concept!r} ({conflict})."),
    _("The glossary has version {newest} now; the plan was made against {base}. Plan it again."),
)
#: Why, and what to do, as it stands inside an error.
REASONS = (
    _("it has no concept"),
    _("no concept has a form to reject in {lang}"),
    _("no concept has a preferred or admitted term in {lang}"),
    _("the concept {concept!r} has no term to teach in {lang}"),
    _("no column is a term with its language"),
    _("{text!r} is not a meaning"),
    _("{text!r} is not a meaning: {cause}"),
    _("the table has no column {name!r}"),
    _("the workbook has no sheet {name!r}"),
    _("is neither a concept, a term nor an object of languages"),
    _("has no term in a language; its keys are {keys}"),
    _("is neither exact nor inflect"),
    _("is longer than {limit} characters"),
    _("is empty, too long or holds a control character"),
    _("is not a language tag"),
    _("has more than {limit} further fields"),
    _("has a further field whose name is longer than {limit} characters"),
    _("stands twice in the concept {concept!r}, as {status} and as {other}"),
    _("has no term"),
    _("comes twice in one change"),
    _("a languageGrp has no language that is known: {lang!r}"),
    _("a termGrp has no term"),
    _("a tuv has no xml:lang"),
    _("a {name} has no id"),
    _("a {name} has no xml:lang"),
    _("a {name} has {n} term elements instead of one"),
    _("a concept has more than {elements} elements or {characters} characters"),
    _("a text has more than {limit} characters"),
    _("it has no skos:Concept and no skos:prefLabel"),
    _("a label is not a text"),
    _("a label has no literal form"),
    _("the file ends within a statement"),
    _("{text!r} is no escape"),
    _("{text!r} is not Turtle"),
    _("the format is {formats}"),
    _("they have more than {limit} bytes"),
    _("there are none"),
    _("line {line} lacks a source or a target"),
    _("line {line} has the source {source!r} again"),
    _("line {line} has {tabs} tabs instead of one"),
    _("line {line} has {columns} columns instead of two or four"),
    _("{tag!r} is not a language code"),
    _("source and target are the same language"),
    _("the glossary has version {newest} now"),
    _("has more than {limit} characters"),
    _("holds the forbidden character {char}"),
    _("answer has a form that is not allowed"),
    _("answer lacks the preferred term"),
    _("a {name} has neither an id nor a term"),
    _("its merged ranges fill more than {limit} cells"),
    _("a tag, comment or instruction is longer than {limit} bytes"),
    _("a node without an address says more than {limit} things"),
    _("is one of more than {limit} in one cell"),
)
#: How far something is, and what is asked of it.
STATES = (
    pgettext("state", "preferred"),
    pgettext("state", "admitted"),
    pgettext("state", "deprecated"),
    pgettext("state", "superseded"),
    pgettext("state", "forbidden"),
    pgettext("state", "undo"),
    pgettext("state", "redo"),
    pgettext("state", "published"),
    pgettext("state", "discarded"),
    pgettext("state", "accepted"),
    pgettext("state", "rejected"),
)
#: What jobs warn of.
WARNINGS = (
    _("Not kept: {names}."),
    _("{n} terms stood twice in one concept; the second was left out."),
    _(
        "{formulas} cells hold formulas; their saved values were read, {without} had none. {errors} cells hold an error and were read as empty."
    ),
    _("{n} pairs were not made: they would have taught something wrong."),
    _("{n} concepts have no preferred or admitted term in the language."),
    _("{n} concepts have fewer than the {wanted} contexts asked for: choose more generators."),
    _("{n} rows were not made: their answers would have been wrong."),
    _(
        "{n} replay rows were left out: they use forms the glossary does not allow, or hold a held-out prompt."
    ),
    _("The replay file has {n} of the {wanted} rows asked for."),
    _("{n} cells stand right of the table's last named column; they were left out."),
    _("Only the first sheet with terms was read; not read: {names}."),
)

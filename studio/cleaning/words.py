"""The names of steps, what they are for, and the reasons they give, as a person reads them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEPS: dict[str, tuple[Promise, Promise]] = {
    "unicode": (_("Characters"), _("Repairs wrong decodings, takes out invisible characters, brings equal ones to one spelling.")),
    "markup": (_("HTML and boilerplate"), _("Plain text from what was a web page; code stays as it is.")),
    "length": (_("Length"), _("Drops what is too short to say something or too long to be learnt whole.")),
    "language": (_("Language"), _("Drops rows in other languages; short ones stay undetermined.")),
    "quality": (_("Quality"), _("Drops repetition, symbols, gibberish and unfilled templates.")),
    "toxicity": (_("Toxic words"), _("By two short word lists that can be edited; it knows no context.")),
    "personal_data": (_("Personal data"), _("Masks names, identity numbers, cards, phones, mail and postal addresses.")),
    "exact_duplicates": (_("Exact duplicates"), _("Keeps the first of equal rows.")),
    "near_duplicates": (_("Near duplicates"), _("Keeps one of rows that differ in little; marks questions with two answers.")),
    "decontaminate": (_("Evaluation rows"), _("Drops rows that hold what models are measured with.")),
    "spelling": (_("Spelling and grammar"), _("Suggests corrections, changes nothing; about ten milliseconds a row.")),
    "accepted_suggestions": (_("Accepted suggestions"), _("Puts in the corrections that somebody accepted.")),
}  # fmt: skip

REASONS: dict[str, Promise] = {
    "mojibake": _("wrong decoding"),
    "invisible": _("invisible characters"),
    "normalized": _("another spelling of the same characters"),
    "characters_lost": _("characters lost for good"),
    "html": _("HTML"),
    "entities": _("HTML entities"),
    "boilerplate": _("boilerplate"),
    "only_markup": _("nothing but markup"),
    "nothing_left": _("nothing left"),
    "answer_short": _("answer too short"),
    "prompt_short": _("prompt too short"),
    "row_long": _("too long"),
    "language_other": _("another language"),
    "language_undetermined": _("language undetermined"),
    "answer_empty": _("answer says nothing"),
    "placeholder": _("unfilled template"),
    "repeated_characters": _("repeated characters"),
    "repeated_lines": _("repeated lines"),
    "repeated_words": _("repeated words"),
    "symbols": _("mostly symbols"),
    "gibberish": _("gibberish"),
    "toxic": _("toxic words"),
    "personal_data": _("personal data"),
    "mail": _("mail address"),
    "resident_id": _("identity number"),
    "card": _("card number"),
    "iban": _("IBAN"),
    "document": _("number of a document"),
    "ip": _("IP address"),
    "phone": _("phone number"),
    "address": _("postal address"),
    "name": _("name of a person"),
    "duplicate": _("duplicate"),
    "near_duplicate": _("near duplicate"),
    "answered_otherwise": _("same question, other answer"),
    "contaminated": _("evaluation row"),
    "spelling": _("spelling"),
    "grammar": _("grammar"),
    "repeated_word": _("repeated word"),
    "usual_mistake": _("usual mistake"),
    "same_sound": _("sounds the same"),
    "like_sound": _("sounds alike"),
    "like_shape": _("looks alike"),
}

#: Titles and descriptions of the steps' settings, which their schemas have in English.
SETTINGS: tuple[Promise, ...] = (
    _("Repair mojibake"), _("Undo wrong decodings where that is certain."),
    _("Remove invisible characters"), _("Zero-width, control and direction marks."),
    _("Drop what is lost"), _("Leave out rows with characters that cannot be restored."),
    _("Remove HTML"), _("Tags and entities to plain text; scripts and styles go."),
    _("Remove boilerplate"), _("Cookie notes, menus, copyright lines, calls to subscribe."),
    _("Keep where it is the subject"), _("Leave rows alone that talk of HTML, tags or code."),
    _("Shortest answer"), _("Characters; for plain text, of the text."), _("Shortest prompt"), _("Characters."),
    _("Most characters"), _("Of all texts of a row together."), _("Most tokens"),
    _("Of all texts of a row together, estimated without a model."),
    _("Languages that stay"), _("ISO 639-1 codes."),
    _("Drop undetermined"), _("Leave out what is too short or too mixed to tell."),
    _("Most symbols"), _("Share of characters that are neither letters, digits nor spaces."),
    _("Most repeated lines"), _("Share of lines that stand there already."),
    _("Most repeated words"), _("Share of the text that its repeated runs of four words take."),
    _("Most gibberish"), _("Share of words no language would have."),
    _("Do"), _("Drop the row, mask the words, or only mark it."), _("Put placeholders, drop the row, or only mark it."),
    _("Drop the row, or only mark it."), _("More words"), _("Beside the lists; whole words."),
    _("Allowed words"), _("Entries of the lists to leave out."), _("Kinds"), _("What counts as personal data."),
    _("Ignore case, width and spacing"), _("Also rows that differ only in these and in punctuation."),
    _("Similarity"), _("Jaccard index of the character n-grams from which on two texts are one."),
    _("Compare"), _("Question and answer apart, or all text of a row as one. Rows without a question are compared as text."),
    _("Numbers and subjects tell rows apart"),
    _("Other numbers make other rows, as do a negation in a short text, and a word that differs in question and answer alike."),
    _("Same question, other answer"), _("Mark such rows, drop all but the longest answer, or let them be."),
    _("English"), _("Spelling and grammar, by the rules of Harper."), _("Chinese"), _("Wrong characters only; no grammar."),
    _("Known words"), _("Terms that are right as they stand."),
    _("drop"), _("mask"), _("mark"), _("ignore"), _("question and answer"), _("text"),
)  # fmt: skip


def step_name(name: str) -> str:
    """A step as it is called."""
    return str(STEPS[name][0]) if name in STEPS else name


def step_about(name: str) -> str:
    """What a step is for."""
    return str(STEPS[name][1]) if name in STEPS else ""


def reason_word(reason: str) -> str:
    """A reason as it is read."""
    return str(REASONS.get(reason, reason))

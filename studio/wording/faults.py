"""Why a made row was refused, as the figures of a dataset version say it."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

from studio.wording.telling import phrase

#: By the values of `corpus.glossary.check.Fault`; a test compares them.
FAULTS: dict[str, Promise] = {
    "empty": pgettext_lazy("fault", "the answer is empty"),
    "concept_unknown": pgettext_lazy("fault", "its concept is not in the glossary"),
    "wrong_language": pgettext_lazy("fault", "the answer is in another language"),
    "term_missing": pgettext_lazy("fault", "the preferred term is missing"),
    "forbidden_form": pgettext_lazy("fault", "it uses a form that is not allowed"),
    "other_concept": pgettext_lazy("fault", "it uses a rejected form of another concept"),
    "number_changed": pgettext_lazy("fault", "a number was changed"),
    "placeholder_changed": pgettext_lazy("fault", "a placeholder, link or name was changed"),
    "sentence_changed": pgettext_lazy("fault", "more of the sentence than the term was changed"),
    "held_out": pgettext_lazy("fault", "it names a concept that is held out"),
    "not_worse": pgettext_lazy("fault", "the other answer uses no rejected form"),
}


def refusal(said: str, generator: str) -> str:
    """`generator: fault` as a person reads it; the generator's name is given in words."""
    fault = said.partition(": ")[2] or said
    reason = str(FAULTS.get(fault, "")) or phrase(fault)
    return gettext("%(generator)s: %(reason)s") % {"generator": generator, "reason": reason}

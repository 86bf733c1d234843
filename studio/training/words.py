"""The words of the config's fields, so that they are collected for translation; `protocol` knows no languages."""

from django.utils.translation import gettext_noop as _

#: Titles and descriptions of `protocol.training.LoraConfig`; a test compares them.
WORDS = (
    _("Epochs"),
    _("How often every row is seen. More learns more and forgets more."),
    _("Learning rate"),
    _("Size of a step at its peak. Too high forgets or diverges, too low learns nothing."),
    _("Tokens per step"),
    _("Rows are packed up to this many tokens for one optimizer step; rows never see each other."),
    _("Longest row (tokens)"),
    _("A longer row is cut at its end; how many were cut is reported."),
    _("Rank"),
    _("Width of the adapter. 8 to 32 suits a glossary."),
    _("Alpha"),
    _("The adapter's output is scaled by alpha / rank."),
    _("Dropout"),
    _("Share of the adapter's inputs dropped while training."),
    _("Trained layers"),
    _("Adapters sit in this many topmost layers; 0 means all. Fewer is faster and forgets less."),
    _("Warm-up share"),
    _("Share of the steps in which the learning rate rises from zero."),
    _("Final learning rate share"),
    _("The cosine ends at this share of the peak."),
    _("Weight decay"),
    _("Pull of the adapter's weights towards zero (decoupled, AdamW)."),
    _("Gradient clipping"),
    _("Gradients with a larger norm are scaled down to it."),
    _("Pull towards the base model"),
    _(
        "Weight of the KL divergence from the base model on rows marked as replay. "
        "It keeps general knowledge while terms are learnt."
    ),
    _("Steps between checkpoints"),
    _("At most this many steps are computed again after a crash."),
    _("Steps between validations"),
    _("0 validates before the first and after the last step only."),
)

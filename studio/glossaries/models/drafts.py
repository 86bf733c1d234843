"""What is to become the next version of a glossary: who changed what, and what people say of it."""

import uuid

from django.db import models

from studio.glossaries.models.versions import Glossary, GlossaryVersion


class GlossaryDraft(models.Model):
    """What is to become the next version: the concepts that differ from the version it is based on."""

    class State(models.TextChoices):
        """How far it has come; the last two are for good."""

        DRAFT = "draft"
        IN_REVIEW = "in_review"
        APPROVED = "approved"
        PUBLISHED = "published"
        DISCARDED = "discarded"

    #: States in which it may be changed.
    OPEN = (State.DRAFT, State.IN_REVIEW, State.APPROVED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="drafts")
    #: None: the glossary has no version yet.
    base = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    submitted_by = models.CharField(max_length=150, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    #: What it became.
    version = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts"
    )
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first; a glossary has one open draft."""

        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["glossary"],
                condition=models.Q(state__in=["draft", "in_review", "approved"]),
                name="draft_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.glossary} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state in self.OPEN


class DraftConcept(models.Model):
    """A concept as a draft has it, where that is not as its base has it."""

    class Review(models.TextChoices):
        """What reviewers say of this content; a new content begins anew."""

        DRAFT = "draft"
        IN_REVIEW = "in_review"
        APPROVED = "approved"

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(GlossaryDraft, on_delete=models.CASCADE, related_name="concepts")
    uid = models.CharField(max_length=256)
    #: corpus.glossary.terms.Concept; None: removed.
    content = models.JSONField(null=True, blank=True)
    #: The same as a line of a concepts.jsonl, with all that is computed: what the database publishes. Empty: removed.
    line = models.TextField(blank=True)
    #: Empty: removed.
    content_hash = models.CharField(max_length=64, blank=True)
    #: What the base has; empty: nothing.
    base_hash = models.CharField(max_length=64, blank=True)
    review = models.CharField(max_length=16, choices=Review.choices, default=Review.DRAFT)
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        """In the order they were first changed."""

        ordering = ["draft", "id"]
        constraints = [models.UniqueConstraint(fields=["draft", "uid"], name="draftconcept_once")]

    def __str__(self) -> str:
        return self.uid


class DraftChange(models.Model):
    """One thing somebody did in a draft: a cell, a pasted range, an import. It is undone as a whole."""

    class State(models.TextChoices):
        """Where it stands between undo and redo."""

        DONE = "done"
        UNDONE = "undone"
        #: Undone, and then something else was done: it cannot come back.
        DROPPED = "dropped"

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(GlossaryDraft, on_delete=models.CASCADE, related_name="changes")
    #: Where it came from: "grid", "import", "candidates", "api", "deepl", "restore", "undo", "redo".
    origin = models.CharField(max_length=32)
    #: The change that an undo or a redo is about; those stand on no stack themselves.
    of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="moves")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DONE)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["draft", "by", "state"], name="draftchange_stack")]

    def __str__(self) -> str:
        return f"{self.origin} by {self.by}"


class DraftEdit(models.Model):
    """One concept before and after a change."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(DraftChange, on_delete=models.CASCADE, related_name="edits")
    uid = models.CharField(max_length=256, db_index=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    before_hash = models.CharField(max_length=64, blank=True)
    after_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        """As they were made."""

        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["change", "uid"], name="draftedit_once")]

    def __str__(self) -> str:
        return self.uid


class ConceptComment(models.Model):
    """What somebody says of a concept, in whatever version; an answer names the comment it answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="comments")
    uid = models.CharField(max_length=256)
    thread = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers"
    )
    text = models.TextField()
    by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Oldest first."""

        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["glossary", "uid"], name="comment_of_concept")]

    def __str__(self) -> str:
        return f"{self.by} on {self.uid}"

"""Glossaries: concept-oriented, versioned, content-addressed rows that versions share."""

import uuid
from typing import Any

from django.db import models

from jobs.models import Job
from studio.datasets.models import StoredFile
from studio.projects.models import Project


class Glossary(models.Model):
    """A named line of glossary versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="glossaries")
    name = models.CharField(max_length=200)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first; a name is used once in a project."""

        ordering = ["-created_at", "id"]
        verbose_name_plural = "glossaries"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="glossary_name")]

    def __str__(self) -> str:
        return self.name


class Concept(models.Model):
    """One meaning, with its terms in all languages. A row never changes: an edit makes another row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="concepts")
    #: Stable name of the meaning across versions ("c017").
    uid = models.CharField(max_length=256)
    #: corpus.glossary.terms.Concept.content_hash
    content_hash = models.CharField(max_length=64)
    subject_field = models.TextField(blank=True)
    #: Language -> definition.
    definitions = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    #: Names of wider concepts.
    broader = models.JSONField(default=list, blank=True)
    #: Further fields of the file: name -> texts.
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        """By name of the meaning."""

        ordering = ["glossary", "uid"]
        constraints = [models.UniqueConstraint(fields=["glossary", "content_hash"], name="concept_content")]
        indexes = [models.Index(fields=["glossary", "uid"], name="concept_uid")]

    def __str__(self) -> str:
        return self.uid


class Term(models.Model):
    """One form of a concept in one language."""

    class Status(models.TextChoices):
        """What the house says of the form."""

        PREFERRED = "preferred"
        ADMITTED = "admitted"
        DEPRECATED = "deprecated"
        SUPERSEDED = "superseded"
        FORBIDDEN = "forbidden"

    id = models.BigAutoField(primary_key=True)
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="terms")
    position = models.PositiveIntegerField()
    lang = models.CharField(max_length=300)
    text = models.CharField(max_length=256)
    #: corpus.glossary.terms.Term.norm_key, cut to the column: for finding, not for telling apart.
    norm_key = models.CharField(max_length=512, db_index=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PREFERRED)
    part_of_speech = models.TextField(blank=True)
    term_type = models.TextField(blank=True)
    case_sensitive = models.BooleanField(default=False)
    match = models.CharField(max_length=16, default="inflect")
    do_not_translate = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    contexts = models.JSONField(default=list, blank=True)
    #: Further fields of the file: name -> texts.
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        """As written; one preferred form in a language."""

        ordering = ["concept", "position"]
        constraints = [
            models.UniqueConstraint(fields=["concept", "position"], name="term_position"),
            models.UniqueConstraint(
                fields=["concept", "lang"], condition=models.Q(status="preferred"), name="term_one_preferred"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class GlossaryVersion(models.Model):
    """A published state of a glossary; immutable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    #: sha256 over the sorted content hashes of its concepts.
    content_hash = models.CharField(max_length=64)
    source = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: concepts.jsonl, what a job reads.
    concepts_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    #: Against the parent: {"added": n, "removed": n, "changed": n}.
    changes = models.JSONField(default=dict)
    stats = models.JSONField(default=dict)
    #: What whoever published it says of it.
    note = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_by = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(auto_now_add=True)
    concepts = models.ManyToManyField(Concept, through="VersionItem", related_name="versions")

    class Meta:
        """Newest first."""

        ordering = ["-published_at", "-number"]
        constraints = [models.UniqueConstraint(fields=["glossary", "number"], name="glossaryversion_number")]

    def __str__(self) -> str:
        return f"{self.glossary} v{self.number}"


class VersionItem(models.Model):
    """That a version has a concept row, and where."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(GlossaryVersion, on_delete=models.CASCADE, related_name="items")
    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()

    class Meta:
        """As in the file."""

        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "concept"], name="versionitem_once")]

    def __str__(self) -> str:
        return f"{self.concept} in {self.version}"


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


class Dictionary(models.Model):
    """A language pair that translation tools push and read; a glossary without any shows all pairs of its languages."""

    id = models.BigAutoField(primary_key=True)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="dictionaries")
    source_lang = models.CharField(max_length=8)
    target_lang = models.CharField(max_length=8)
    #: Names of concepts that came by this pair: no other pair shows them unless it has them too.
    owned = models.JSONField(default=list, blank=True)

    class Meta:
        """As they were made."""

        ordering = ["glossary", "id"]
        verbose_name_plural = "dictionaries"
        constraints = [
            models.UniqueConstraint(
                fields=["glossary", "source_lang", "target_lang"], name="dictionary_pair_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_lang} to {self.target_lang}"


class GlossaryImport(models.Model):
    """A glossary file that was read and waits for a decision: how its columns are to be read, or what becomes of its plan."""

    class State(models.TextChoices):
        """How far it has come; the last two are for good."""

        #: Nobody can guess what the columns of the table mean.
        MAPPING = "mapping"
        #: It is being read, again with a mapping or against a newer version.
        READING = "reading"
        PLANNED = "planned"
        #: Accepted; a job makes the concepts.
        SETTLING = "settling"
        ACCEPTED = "accepted"
        DISCARDED = "discarded"

    #: States in which somebody's decision is awaited.
    OPEN = (State.MAPPING, State.READING, State.PLANNED, State.SETTLING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="glossary_imports")
    #: What the glossary is or will be called.
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    source = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="glossary_imports")
    #: What the plan was made against; None: a new glossary.
    base = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: concepts.jsonl, changes.jsonl and conflicts.jsonl of the plan.
    concepts_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    changes_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    conflicts_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stats = models.JSONField(default=dict)
    #: The table that is to be mapped: sheets, header, first rows.
    table = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    #: Conflict -> choice, and kind of conflict -> choice for all of them that have none of their own.
    choices = models.JSONField(default=dict, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    #: Why the last try to settle it failed.
    problem = models.JSONField(null=True, blank=True)
    #: The job that reads or settles it.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["project", "state", "-created_at"], name="import_list")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def plan(self) -> dict[str, Any]:
        """The plan in figures; nothing before there is one."""
        return dict(self.stats.get("plan") or {})

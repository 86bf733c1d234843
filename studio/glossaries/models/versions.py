"""Published states of a glossary: rows that never change, addressed by their content, which versions share."""

import uuid

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
    # The index of `term_position` begins with it.
    concept = models.ForeignKey(Concept, on_delete=models.CASCADE, related_name="terms", db_index=False)
    position = models.PositiveIntegerField()
    lang = models.CharField(max_length=300)
    text = models.CharField(max_length=256)
    #: corpus.glossary.terms.Term.norm_key, cut to the column: for finding parts of it, which no index helps, within a version.
    norm_key = models.CharField(max_length=512)
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
    #: [source, target, entries] of all pairs of its languages; None until a translation tool asks.
    pairs = models.JSONField(null=True, blank=True)
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
    # The index of `versionitem_once` begins with it.
    version = models.ForeignKey(
        GlossaryVersion, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()

    class Meta:
        """As in the file."""

        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "concept"], name="versionitem_once")]

    def __str__(self) -> str:
        return f"{self.concept} in {self.version}"

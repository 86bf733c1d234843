"""Uploaded files, datasets, and versions that never change once made."""

import uuid

from django.db import models

from jobs.models import Job
from studio.projects.models import Project
from studio.sealing import SealedField


class StoredFile(models.Model):
    """An uploaded or produced file, kept once by content (OpenAI's File object)."""

    class Status(models.TextChoices):
        """As OpenAI's clients read it."""

        UPLOADED = "uploaded"
        PROCESSED = "processed"
        ERROR = "error"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="files")
    #: fine-tune, glossary, fine-tune-results ...
    purpose = models.CharField(max_length=32)
    filename = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.UPLOADED)
    #: The error as {"code", "message", "data"}, where status is "error".
    problem = models.JSONField(null=True, blank=True)
    #: Until when the bytes of a refused file stay, so that it can be read otherwise; nothing: they went at once.
    kept_until = models.DateTimeField(null=True, blank=True)
    #: When it goes by itself, unless something needs it; nothing: it stays.
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    #: The job that reads it.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: The dataset or glossary version it became; a repeated upload names the version that was there.
    #: `glossaries` stands beside, so a plain id.
    version_id = models.UUIDField(null=True, blank=True, db_index=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["project", "purpose", "-created_at"], name="file_list")]

    def __str__(self) -> str:
        return self.filename


class Dataset(models.Model):
    """A named line of dataset versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=200)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first; a name is used once in a project."""

        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="dataset_name")]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """Rows ready for training; immutable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    #: sha256 over the hashes of its splits: same rows, same hash.
    content_hash = models.CharField(max_length=64)
    #: What was uploaded, or nothing for generated rows.
    source = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    #: Split files as stored files' content hashes.
    train = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    validation = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Held-out evaluation prompts (TermPrompt lines), where rows were generated from a glossary.
    prompts = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    #: Glossary version the rows were generated from; `glossaries` stands beside, so a plain id.
    glossary_version_id = models.UUIDField(null=True, blank=True, db_index=True)
    #: The version it was made from, or that was mixed in as replay; `Descent` names all.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    #: The operations that made it, enough to make it again: a `corpus.recipe.Recipe`.
    recipe = models.JSONField(default=dict)
    stats = models.JSONField(default=dict)
    #: First rows, as shown on the page.
    preview = models.JSONField(default=list)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: A short name people give it, such as "gold".
    label = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="datasetversion_number")]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"


class Descent(models.Model):
    """That a version was made from another, which therefore cannot be deleted."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="descents")
    parent = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="heirs")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order in which they were named."""

        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "parent"], name="descent_once")]

    def __str__(self) -> str:
        return f"{self.version} from {self.parent}"


class RecipeInput(models.Model):
    """That a version's recipe reads a file, which therefore cannot be deleted."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="inputs")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One row a file."""

        ordering = ["version", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "file"], name="recipeinput_once")]

    def __str__(self) -> str:
        return f"{self.file} of {self.version}"


class Generator(models.Model):
    """An OpenAI-compatible endpoint that a project may ask for new wordings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="generators")
    name = models.CharField(max_length=100)
    #: Up to and with /v1.
    base_url = models.CharField(max_length=2000)
    model = models.CharField(max_length=200)
    #: It must be readable to be sent, so it is no hash; it is never shown again.
    api_key = SealedField(blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """By name, which is used once in a project."""

        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="generator_name")]

    def __str__(self) -> str:
        return self.name

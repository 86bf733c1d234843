"""Language pairs of a glossary, as translation tools know them."""

from django.db import models

from studio.glossaries.models.versions import Glossary


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

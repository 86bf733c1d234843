"""Language pairs of a glossary, as translation tools know them."""

from django.db import models

from studio.glossaries.models.versions import Glossary, GlossaryVersion


class Dictionary(models.Model):
    """A language pair that translation tools push and read; a glossary without any shows all pairs of its languages."""

    id = models.BigAutoField(primary_key=True)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="dictionaries")
    source_lang = models.CharField(max_length=8)
    target_lang = models.CharField(max_length=8)
    #: Names of concepts that came by this pair: no other pair shows them unless it has them too.
    owned = models.JSONField(default=list, blank=True)
    #: How many entries it has in a version; None until a translation tool asks.
    entry_count = models.PositiveIntegerField(null=True, blank=True)
    counted_in = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

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

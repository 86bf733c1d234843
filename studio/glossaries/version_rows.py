"""The rows of a glossary's next version, made from its draft by the database itself: no concept goes through this process.

A large draft is a quarter of a million rows, and a small one on a large glossary still a hundred thousand places. Every
statement here works on all of them at once, and none holds more than its figures in the memory of whoever asks.
"""

from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from corpus.glossary.terms import Concept as Said
from studio.glossaries import content
from studio.glossaries.copying import joined_by_hash
from studio.glossaries.models import Concept, DraftConcept, Glossary, GlossaryDraft, GlossaryVersion, Term
from studio.glossaries.services import NORM_KEY_LIMIT

#: Lines that are written for old rows at once.
AT_ONCE = 1000
#: Subject fields that are counted by name.
FIELDS_SHOWN = 100

#: What a draft says that no version has said yet. The id of its row follows from what it says, so that its terms need no
#: look-up: (glossary, content) is unique as it is.
_NEW = """
    WITH new AS (
        SELECT left(encode(sha256(convert_to(%(glossary)s::text || d.content_hash, 'UTF8')), 'hex'), 32)::uuid
                   AS concept_id,
               d.content_hash, d.line::jsonb AS said
        FROM glossaries_draftconcept d
        WHERE d.draft_id = %(draft)s AND d.content_hash <> ''
          AND NOT EXISTS (
              SELECT 1 FROM glossaries_concept c
              WHERE c.glossary_id = %(glossary)s AND c.content_hash = d.content_hash
          )
    )
"""
_TERMS = """
    INSERT INTO glossaries_term (concept_id, position, lang, text, norm_key, status, part_of_speech, term_type,
                                 case_sensitive, "match", do_not_translate, note, contexts, extra)
    SELECT new.concept_id, term.place - 1, t ->> 'lang', t ->> 'text', left(t ->> 'norm_key', %(norm_key_limit)s),
           t ->> 'status', coalesce(t ->> 'part_of_speech', ''), coalesce(t ->> 'term_type', ''),
           (t ->> 'case_sensitive')::boolean, t ->> 'match', (t ->> 'do_not_translate')::boolean,
           coalesce(t ->> 'note', ''), t -> 'contexts', t -> 'extra'
    FROM new CROSS JOIN LATERAL jsonb_array_elements(said -> 'terms') WITH ORDINALITY AS term (t, place)
"""
_CONCEPTS = """
    INSERT INTO glossaries_concept (id, glossary_id, uid, content_hash, subject_field, definitions, note, source,
                                    broader, extra)
    SELECT concept_id, %(glossary)s, said ->> 'uid', content_hash, coalesce(said ->> 'subject_field', ''),
           said -> 'definitions', coalesce(said ->> 'note', ''), coalesce(said ->> 'source', ''), said -> 'broader',
           said -> 'extra'
    FROM new
"""
#: The base's concepts in their places, as the draft has them, then the new ones in the order they were first changed.
_ITEMS = """
    INSERT INTO glossaries_versionitem (version_id, concept_id, position)
    SELECT %(version)s, concept_id, row_number() OVER (ORDER BY part, place) - 1
    FROM (
        SELECT 0 AS part, i.position AS place, coalesce(changed.id, i.concept_id) AS concept_id
        FROM glossaries_versionitem i
        JOIN glossaries_concept c ON c.id = i.concept_id
        LEFT JOIN glossaries_draftconcept d ON d.draft_id = %(draft)s AND d.uid = c.uid
        LEFT JOIN glossaries_concept changed
            ON changed.glossary_id = %(glossary)s AND changed.content_hash = d.content_hash
        WHERE i.version_id = %(base)s AND coalesce(d.content_hash, 'same') <> ''
        UNION ALL
        SELECT 1, d.id, c.id
        FROM glossaries_draftconcept d
        JOIN glossaries_concept c ON c.glossary_id = %(glossary)s AND c.content_hash = d.content_hash
        WHERE d.draft_id = %(draft)s AND d.base_hash = ''
    ) AS placed
"""
#: As `services.content_hash_of` does it: over the sorted hashes.
_HASH = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(c.content_hash, E'\\n' ORDER BY c.content_hash COLLATE "C"), ''),
                                    'UTF8')), 'hex')
    FROM glossaries_versionitem i JOIN glossaries_concept c ON c.id = i.concept_id
    WHERE i.version_id = %(version)s
"""
#: From the places to the concepts: whatever names another goes first.
_FORGET = (
    """
    DELETE FROM glossaries_versionitem i USING glossaries_glossaryversion v
    WHERE v.id = i.version_id AND v.glossary_id = %(glossary)s
    """,
    """
    DELETE FROM glossaries_term t USING glossaries_concept c
    WHERE c.id = t.concept_id AND c.glossary_id = %(glossary)s
    """,
    "DELETE FROM glossaries_concept WHERE glossary_id = %(glossary)s",
)


def make(version: GlossaryVersion, draft: GlossaryDraft) -> None:
    """The version's rows: its base's with the draft's changes; what both say alike is shared.

    The version is given its hash and its counts; the draft must stand on the version's parent.
    """
    asked = {
        "draft": draft.id,
        "glossary": draft.glossary_id,
        "base": version.parent_id,
        "version": version.id,
        "norm_key_limit": NORM_KEY_LIMIT,
    }
    fill_lines(draft)
    with connection.cursor() as cursor, joined_by_hash(cursor):
        # Constraints are checked at the end of the transaction, so terms may come before their concepts.
        cursor.execute(_NEW + _TERMS, asked)
        cursor.execute(_NEW + _CONCEPTS, asked)
        cursor.execute(_ITEMS, asked)
        placed = cursor.rowcount
        cursor.execute(_HASH, asked)
        (version.content_hash,) = cursor.fetchone()
        version.stats = stats_of(version, placed)
    version.changes = changes_in(draft)
    version.save(update_fields=["content_hash", "stats", "changes"])


def forget(glossary: Glossary) -> None:
    """Take all concepts of a glossary out of its versions and delete them, without reading any."""
    with connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, {"glossary": glossary.id})


def fill_lines(draft: GlossaryDraft) -> None:
    """Write the lines of rows that are from before there were any."""
    rows = draft.concepts.filter(line="").exclude(content_hash="").order_by("id").iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        for row in some:
            row.line = content.as_line(Said.model_validate(row.content))
        DraftConcept.objects.bulk_update(some, ["line"])


def stats_of(version: GlossaryVersion, concepts: int) -> dict[str, Any]:
    """What the version holds, counted as corpus.glossary.counts does."""
    terms = Term.objects.filter(concept__items__version=version)
    languages: dict[str, dict[str, int]] = {}
    for lang, status, count in terms.values_list("lang", "status").annotate(n=Count("id")).order_by("lang"):
        languages.setdefault(lang, {})[status] = count
    fields = Concept.objects.filter(items__version=version).values_list("subject_field")
    return {
        "concepts": concepts,
        "terms": sum(sum(counts.values()) for counts in languages.values()),
        "languages": languages,
        "subject_fields": dict(fields.annotate(n=Count("id")).order_by("-n", "subject_field")[:FIELDS_SHOWN]),
    }


def changes_in(draft: GlossaryDraft) -> dict[str, int]:
    """How many concepts a draft adds, removes and changes against its base."""
    is_added, is_removed = Q(base_hash=""), Q(content_hash="")
    return draft.concepts.aggregate(
        added=Count("id", filter=is_added),
        removed=Count("id", filter=is_removed),
        changed=Count("id", filter=~is_added & ~is_removed),
    )

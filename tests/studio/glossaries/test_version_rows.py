"""What the database makes of a draft is what the corpus says of the same concepts: rows, places, hash, counts and file."""

import random
from collections.abc import Iterator

import pytest

from corpus.glossary.counts import GlossaryCounts
from corpus.glossary.terms import Concept
from studio.glossaries import content, drafts, publishing, services
from studio.glossaries.errors import GlossaryInUse
from studio.glossaries.models import Concept as ConceptRow
from studio.glossaries.models import DraftConcept, Glossary, GlossaryVersion, Term
from studio.projects.models import Project
from tests import factories

AWKWARD = (
    'say "no"',
    "back\\slash",
    "a'b",
    "tab\there",
    "line\u2028end",
    "Straße",
    "ＡＢＣ",
    "=1+1",
    "%s %(x)s",
    "🦊",
    "股 票",
)


def some_concept(uid: str, dice: random.Random) -> Concept:
    """A concept of any kind: several languages, statuses, awkward texts, further fields or none."""
    langs = dice.sample(["en", "en-GB", "zh-Hans", "de"], dice.randint(1, 4))
    terms = [
        {
            "lang": lang,
            "text": f"{dice.choice(AWKWARD)} {number} {dice.randint(1, 3)}",
            "status": dice.choice(["admitted", "forbidden", "deprecated"]) if number else "preferred",
            "note": dice.choice([None, dice.choice(AWKWARD)]),
            "contexts": dice.sample(AWKWARD, dice.randint(0, 2)),
            "extra": dice.choice([{}, {"origin": ["CRM"]}]),
        }
        for lang in langs
        for number in range(dice.randint(1, 3))
    ]
    return Concept.model_validate(
        {
            "uid": uid,
            "subject_field": dice.choice([None, "finance", "law"]),
            "definitions": {lang: dice.choice(AWKWARD) for lang in langs[:2]},
            "note": dice.choice([None, *AWKWARD]),
            "broader": dice.choice([[], ["c0"]]),
            "extra": dice.choice([{}, {"x y": ["1", "2"]}]),
            "terms": terms,
        }
    )


def lines_of(version: GlossaryVersion) -> Iterator[Concept]:
    for line in publishing.lines_of(version):
        yield Concept.model_validate_json(line)


def check(version: GlossaryVersion, wanted: list[Concept]) -> None:
    """The version says these concepts, in this order, wherever it is read."""
    version.refresh_from_db()
    counts = GlossaryCounts()
    for each in wanted:
        counts.add(each)
    assert list(lines_of(version)) == wanted
    rows = [item.concept for item in version.items.select_related("concept").order_by("position")]
    assert [content.of_row(row) for row in rows] == wanted
    assert [row.content_hash for row in rows] == [each.content_hash for each in wanted]
    assert list(version.items.order_by("position").values_list("position", flat=True)) == [
        *range(len(wanted))
    ]
    assert version.content_hash == services.content_hash_of(each.content_hash for each in wanted)
    assert version.stats == counts.as_dict()
    keys = dict(Term.objects.filter(concept__in=rows).values_list("id", "norm_key"))
    assert keys == {
        row.id: term.norm_key
        for concept, said in zip(rows, wanted, strict=True)
        for row, term in zip(concept.terms.all(), said.terms, strict=True)
    }


@pytest.mark.parametrize("seed", range(6))
def test_versions_say_what_was_put_and_removed(project: Project, seed: int) -> None:
    dice = random.Random(seed)
    glossary = publishing.create(project, "Any", "bob")
    said: dict[str, Concept] = {}
    for _ in range(4):
        draft = drafts.open_draft(glossary, "bob")
        put = [some_concept(uid, dice) for uid in dice.sample([f'c"{n}' for n in range(9)], 5)]
        gone = [uid for uid in said if uid not in {each.uid for each in put} and dice.random() < 0.4]
        drafts.put_concepts(draft, put, "bob", "api")
        drafts.remove_concepts(draft, gone, "bob", "api")
        before = dict(said)
        said = {uid: each for uid, each in said.items() if uid not in gone} | {each.uid: each for each in put}

        version = publishing.publish_draft(draft, "bob", "")

        check(version, list(said.values()))
        assert version.changes == {
            "added": len(said.keys() - before.keys()),
            "removed": len(gone),
            "changed": sum(said[uid] != before[uid] for uid in said.keys() & before.keys()),
        }


def test_what_an_earlier_version_said_is_shared_again(project: Project) -> None:
    one, other = (
        Concept.model_validate({"uid": "c1", "terms": [{"lang": "en", "text": text}]}) for text in "ab"
    )
    glossary = publishing.create(project, "Shared", "bob", (one,))
    for each in (other, one):
        draft = drafts.open_draft(glossary, "bob")
        drafts.put_concepts(draft, [each], "bob", "api")
        publishing.publish_draft(draft, "bob", "")

    assert ConceptRow.objects.count() == Term.objects.count() == 2
    first, third = glossary.versions.get(number=1), glossary.versions.get(number=3)
    assert set(first.concepts.all()) == set(third.concepts.all())
    assert first.content_hash == third.content_hash


def test_rows_from_before_there_were_lines_are_published_all_the_same(project: Project) -> None:
    dice = random.Random(3)
    glossary = publishing.create(project, "Old", "bob")
    draft = drafts.open_draft(glossary, "bob")
    wanted = [some_concept(f"c{number}", dice) for number in range(5)]
    drafts.put_concepts(draft, wanted, "bob", "api")
    DraftConcept.objects.update(line="")

    check(publishing.publish_draft(draft, "bob", ""), wanted)


def test_the_name_is_read_from_a_line_however_it_is_written() -> None:
    assert publishing.uid_in('{"uid":"a\\"b\\\\","subject_field":null}\n') == 'a"b\\'
    assert publishing.uid_in('{"note": "uid", "uid": "c1"}\n') == "c1"


def test_a_deleted_glossary_leaves_no_row(project: Project) -> None:
    dice = random.Random(5)
    kept = publishing.create(project, "Kept", "bob", (some_concept("c1", dice),))
    glossary = publishing.create(project, "Gone", "bob", tuple(some_concept(f"c{n}", dice) for n in range(4)))
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [some_concept("c9", dice)], "bob", "api")

    publishing.delete(glossary)

    assert list(Glossary.objects.all()) == [kept]
    assert set(ConceptRow.objects.values_list("glossary", flat=True)) == {kept.id}
    assert not DraftConcept.objects.exclude(draft__glossary=kept).exists()
    assert Term.objects.count() == kept.versions.get().stats["terms"]


def test_a_glossary_that_a_run_needs_keeps_every_row(project: Project) -> None:
    glossary = publishing.create(project, "Needed", "bob", (some_concept("c1", random.Random(1)),))
    factories.run(project, glossary_version=glossary.versions.get())
    before = (Term.objects.count(), ConceptRow.objects.count())

    with pytest.raises(GlossaryInUse, match="Needed"):
        publishing.delete(glossary)

    assert (Term.objects.count(), ConceptRow.objects.count()) == before
    assert glossary.versions.get().items.count() == 1

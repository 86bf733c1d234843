"""An uploaded glossary becomes a version; versions share the concepts that did not change."""

from collections.abc import Callable

from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.glossaries import services
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term, VersionItem
from studio.projects.models import Project
from tests.data.glossaries import TERMS

Upload = Callable[..., StoredFile]


def test_an_upload_becomes_a_version_with_concepts_and_terms(upload: Upload) -> None:
    stored = upload()

    version = GlossaryVersion.objects.select_related("glossary", "concepts_file").get()
    assert (stored.status, stored.version_id) == ("processed", version.id)
    assert (version.glossary.name, version.number, version.parent) == ("finance", 1, None)
    assert (version.source, version.published_by) == (stored, "bob")
    assert (version.stats["concepts"], version.stats["terms"]) == (3, 6)
    assert version.changes == {"added": 3, "removed": 0, "changed": 0}
    assert [item.concept.uid for item in version.items.select_related("concept")] == ["c1", "c2", "c3"]
    terms = Term.objects.filter(concept__uid="c1").values_list("lang", "text", "status")
    assert list(terms) == [
        ("en", "trade receivable", "preferred"),
        ("en", "debtor", "forbidden"),
        ("de", "Forderung", "preferred"),
    ]
    assert datasets.blob_path(version.concepts_file).read_text().count("\n") == 3


def test_an_acronym_keeps_its_capitals_in_the_key(upload: Upload) -> None:
    upload()

    assert Term.objects.get(text="EBITDA").norm_key == "EBITDA"
    assert Term.objects.get(text="EBITDA").case_sensitive


def test_a_changed_concept_is_a_new_row_and_the_others_are_shared(upload: Upload) -> None:
    upload()
    upload(TERMS.replace("working funds", "liquid funds"))

    first, second = GlossaryVersion.objects.order_by("number")
    assert second.parent == first
    assert second.changes == {"added": 0, "removed": 0, "changed": 1}
    assert Concept.objects.count() == 4
    assert Term.objects.count() == 8
    shared = set(first.concepts.values_list("id", flat=True)) & set(
        second.concepts.values_list("id", flat=True)
    )
    assert len(shared) == 2


def test_concepts_come_and_go(upload: Upload) -> None:
    upload()
    without_c3 = TERMS.rpartition("c3,")[0]
    upload(without_c3 + "c4,en,goodwill,preferred,\nc5,en,accrual,preferred,\n")

    assert GlossaryVersion.objects.get(number=2).changes == {"added": 2, "removed": 1, "changed": 0}


def test_the_same_terms_again_are_no_new_version(upload: Upload) -> None:
    first = upload()
    header, *rows = TERMS.splitlines(keepends=True)
    by_concept = sorted(rows, key=lambda row: row[:2], reverse=True)
    again = upload("".join([header, *by_concept]))

    assert GlossaryVersion.objects.count() == 1
    assert again.sha256 != first.sha256
    assert (again.status, again.version_id) == ("processed", first.version_id)
    assert VersionItem.objects.count() == 3


def test_going_back_to_earlier_terms_is_a_new_version_of_known_rows(upload: Upload) -> None:
    upload()
    upload(TERMS.replace("working funds", "liquid funds"))
    upload()

    first, second, third = GlossaryVersion.objects.order_by("number")
    assert third.parent == second
    assert third.content_hash == first.content_hash
    assert Concept.objects.count() == 4


def test_an_upload_may_name_its_glossary(upload: Upload) -> None:
    upload(name="House style")

    assert Glossary.objects.get().name == "House style"


def test_the_same_glossary_in_two_projects_is_two(
    upload: Upload, project: Project, other_project: Project
) -> None:
    for place in (project, other_project):
        upload(to=place)

    assert Glossary.objects.count() == 2
    assert Concept.objects.count() == 6


def test_a_glossary_with_an_error_leaves_nothing(upload: Upload) -> None:
    stored = upload(TERMS + "c1,en,receivable,preferred,\n")

    assert stored.problem is not None
    assert (stored.status, stored.problem["code"]) == ("error", "preferred_conflict")
    assert stored.problem["data"]["line"] == 8
    for model in (Glossary, GlossaryVersion, Concept, Term):
        assert not model.objects.exists()


def test_a_long_text_is_kept_whole(upload: Upload) -> None:
    long = "a very long field of business " * 200
    upload(f"concept,lang,term,subject,source,pos,type\n{'u' * 256},en,term,{long},{long},{long},{long}\n")

    concept, term = Concept.objects.get(), Term.objects.get()
    assert len(concept.uid) == 256
    assert {concept.subject_field, concept.source, term.part_of_speech, term.term_type} == {long.strip()}


def test_a_key_longer_than_its_column_is_cut(upload: Upload) -> None:
    # One character that folding makes eighteen.
    upload(f"concept,lang,term\nc1,ar,{'ﷺ' * 200}\n")

    assert len(Term.objects.get().norm_key) == services.NORM_KEY_LIMIT

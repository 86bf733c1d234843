"""A glossary as translation tools know one: dictionaries, each from one language to another, of source texts and their targets.

A dictionary's entries are read from the concepts: every allowed form in the source language stands for the form to use in the
target language. What a tool pushes becomes concepts, so it is seen and edited like all others. So that a tool reads back exactly
what it pushed, a pair remembers which concepts came by it; other pairs show those only where they were pushed there too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from django.db import transaction

from corpus.glossary.terms import Concept, canonical_lang
from studio.errors import NotFound
from studio.glossaries import content, entries, publishing, services
from studio.glossaries.editing import next_number
from studio.glossaries.entries import Entry, Said
from studio.glossaries.errors import EntriesInvalid, GlossaryNameTaken
from studio.glossaries.models import Dictionary, Glossary
from studio.projects.models import Project

#: Names tried where the wanted one is taken.
NAMES_TRIED = 1000
ALLOWED = ("preferred", "admitted")


@dataclass
class Pair:
    """A language pair and the concepts that came by it, in order."""

    source: str
    target: str
    owned: dict[str, None] = field(default_factory=dict)

    @property
    def langs(self) -> tuple[str, str]:
        """From, to."""
        return self.source, self.target


@dataclass(frozen=True)
class Info:
    """A dictionary as it is listed."""

    source: str
    target: str
    entry_count: int


def base_lang(tag: str) -> str:
    """The language without region or script, as dictionaries name it: "EN-US" is "en". Raises EntriesInvalid."""
    try:
        return canonical_lang(tag).partition("-")[0]
    except ValueError as error:
        raise EntriesInvalid(param="source_lang", reason=f"{tag[:40]!r} is not a language code") from error


class Book:
    """The newest version of a glossary, to be read and written by language pairs."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary
        self.version = glossary.versions.order_by("-number").first()
        self.said = Said(self.version)
        self.touched: dict[str, None] = {}
        self.free_number = 0
        self.rows = list(glossary.dictionaries.all())
        self.is_recorded = bool(self.rows)
        self.pairs = [
            Pair(row.source_lang, row.target_lang, dict.fromkeys(row.owned)) for row in self.rows
        ] or self.derived()

    @classmethod
    @contextmanager
    def open(cls, glossary: Glossary, by: str) -> Iterator[Self]:
        """The glossary's book to be written in, and saved at the end; tools that push at once come one after the other."""
        with transaction.atomic():
            Glossary.objects.select_for_update().get(id=glossary.id)
            book = cls(glossary)
            yield book
            book.save(by)

    def derived(self) -> list[Pair]:
        """All pairs of the languages that there are, the language with the most terms first."""
        return [Pair(source, target) for source, target, _count in entries.pairs_of(self.version)]

    def pair(self, source: str, target: str) -> Pair:
        """A dictionary of the glossary. Raises NotFound."""
        wanted = base_lang(source), base_lang(target)
        found = next((pair for pair in self.pairs if pair.langs == wanted), None)
        if found is None:
            raise NotFound(what="dictionary", id="-".join(wanted))
        return found

    def infos(self) -> list[Info]:
        """All dictionaries as they were saved, counted once for each version."""
        if not self.rows:
            return [Info(*each) for each in entries.pairs_of(self.version)]
        for row in self.rows:
            if row.entry_count is None or row.counted_in_id != (self.version and self.version.id):
                row.entry_count = len(self.entries(self.pair(row.source_lang, row.target_lang)))
                row.counted_in = self.version
                row.save(update_fields=["entry_count", "counted_in"])
        return [Info(row.source_lang, row.target_lang, row.entry_count or 0) for row in self.rows]

    def owners(self) -> dict[str, list[Pair]]:
        """Which pairs each concept came by; concepts that came otherwise are left out."""
        owners: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            for uid in pair.owned:
                owners.setdefault(uid, []).append(pair)
        return owners

    def entries(self, pair: Pair) -> dict[str, tuple[str, str]]:
        """Source text -> concept and target text, in the order of the version; a pair's own concepts speak first."""
        rows = [
            each for each in entries.entries_of(self.version, *pair.langs) if each.uid not in self.touched
        ]
        rows += self.changed_entries(pair)
        foreign = self.owners().keys() - pair.owned.keys()
        own = {uid: number for number, uid in enumerate(pair.owned)}
        behind = len(own)
        rows.sort(key=lambda each: (own.get(each.uid, behind), each.place))
        found: dict[str, tuple[str, str]] = {}
        for each in rows:
            if each.uid not in foreign:
                found.setdefault(each.text, (each.uid, each.target))
        return found

    def changed_entries(self, pair: Pair) -> Iterator[Entry]:
        """What the concepts that were touched say in a pair."""
        for uid in self.touched:
            said = self.said.get(uid)
            target = lead(said, pair.target) if said else None
            if said and target is not None:
                for text in texts(said, pair.source):
                    yield Entry(uid, self.said.place(uid), text, target)

    def put(self, source: str, target: str, given: Mapping[str, str], *, replace: bool) -> Pair:
        """Have a dictionary say these entries; with `replace`, these alone. Raises EntriesInvalid."""
        if base_lang(source) == base_lang(target):
            raise EntriesInvalid(param="target_lang", reason="source and target are the same language")
        try:
            pair = self.pair(source, target)
        except NotFound:
            pair = Pair(base_lang(source), base_lang(target))
            self.pairs.append(pair)
        self.is_recorded = True
        now = self.entries(pair)
        if replace:
            kept = {now[text][0] for text in given if text in now}
            gone = {text: uid for text, (uid, _) in now.items() if text not in given}
            self.said.load(iter(gone.values()))
            for text, uid in gone.items():
                self.take_out(pair, uid, text, is_kept=uid in kept)
        wanted = {text: target for text, target in given.items() if text not in now or now[text][1] != target}
        by_source = self.index(pair.source, list(wanted))
        self.said.load(uid for text in wanted for uid in [*by_source.get(text, ()), *now.get(text, ())[:1]])
        for text, target in wanted.items():
            self.put_entry(pair, now.get(text), by_source, text, target)
        return pair

    def index(self, lang: str, wanted: list[str]) -> dict[str, list[str]]:
        """Text -> the concepts that allow it in a language, for these texts."""
        found = entries.with_text(self.version, lang, wanted)
        for uids in found.values():
            for uid in uids.keys() & self.touched.keys():
                del uids[uid]
        asked = set(wanted)
        for uid in self.touched:
            said = self.said.get(uid)
            for text in texts(said, lang) if said else ():
                if text in asked:
                    found.setdefault(text, {})[uid] = self.said.place(uid)
        return {text: sorted(uids, key=uids.__getitem__) for text, uids in found.items()}

    def put_entry(
        self, pair: Pair, now: tuple[str, str] | None, by_source: dict[str, list[str]], text: str, wanted: str
    ) -> None:
        """One entry: the concept that stands for it is changed, else another taken or made."""
        owners = self.owners_of
        if now is not None:
            uid = now[0]
            if not any(pair.target in other.langs for other in owners(uid) if other is not pair):
                set_lead(self.said[uid], pair.target, wanted)
                self.touched[uid] = None
                return
            # Another pair says the old target: the two part ways.
            self.release(pair, uid)
        for uid in by_source.get(text, ()):
            said = self.said.get(uid)
            if said is None or (now is not None and uid == now[0]):
                continue
            target = lead(said, pair.target)
            if target == wanted or (target is None and lead(said, pair.source) == text):
                if target is None:
                    set_lead(said, pair.target, wanted)
                    self.touched[uid] = None
                if owners(uid):
                    pair.owned[uid] = None
                return
        uid = self.new_uid()
        terms = [{"lang": pair.source, "text": text}, {"lang": pair.target, "text": wanted}]
        self.said[uid] = {"uid": uid, "terms": [{**term, "status": "preferred"} for term in terms]}
        self.touched[uid] = None
        pair.owned[uid] = None
        by_source.setdefault(text, []).append(uid)

    def owners_of(self, uid: str) -> list[Pair]:
        """The pairs a concept came by."""
        return [pair for pair in self.pairs if uid in pair.owned]

    def take_out(self, pair: Pair, uid: str, text: str, *, is_kept: bool) -> None:
        """An entry goes: only its form where the concept stands for other entries, else the pair's target, or the concept."""
        said = self.said[uid]
        if is_kept:
            said["terms"] = [t for t in said["terms"] if not (speaks(t, pair.source) and t["text"] == text)]
            self.touched[uid] = None
            return
        self.release(pair, uid)

    def release(self, pair: Pair, uid: str) -> None:
        """A concept no longer stands for the pair: languages that no other pair needs of it go, and it with its last one."""
        said = self.said[uid]
        came_by_it = uid in pair.owned
        pair.owned.pop(uid, None)
        others = self.owners_of(uid)
        # Of a concept that a tool made, the source goes too.
        for lang in pair.langs if came_by_it else (pair.target,):
            if not any(lang in other.langs for other in others):
                said["terms"] = [t for t in said["terms"] if not (is_allowed(t) and speaks(t, lang))]
        self.touched[uid] = None
        if not others and all(speaks(term, pair.source) and is_allowed(term) for term in said["terms"]):
            del self.said[uid]

    def drop(self, source: str, target: str) -> None:
        """Take a dictionary out with its entries. Raises NotFound."""
        pair = self.pair(source, target)
        now = self.entries(pair)
        self.said.load(uid for uid, _ in now.values())
        for text, (uid, _) in now.items():
            if uid in self.said and text in texts(self.said[uid], pair.source):
                self.take_out(pair, uid, text, is_kept=False)
        self.pairs.remove(pair)
        self.is_recorded = True

    def new_uid(self) -> str:
        """A name no concept has had."""
        self.free_number = (self.free_number or next_number(self.glossary) - 1) + 1
        uid = f"c{self.free_number:03}"
        return uid

    def changed(self) -> Iterator[tuple[str, Concept | None]]:
        """The concepts that were touched. Raises what content.read raises."""
        for uid in self.touched:
            yield uid, content.read(self.said[uid]) if uid in self.said else None

    def save(self, by: str) -> None:
        """The next version, and the pairs as they are now. Raises what content.read raises."""
        publishing.publish_changes(self.glossary, self.changed(), by, "deepl")
        if self.is_recorded:
            self.glossary.dictionaries.all().delete()
            Dictionary.objects.bulk_create(
                Dictionary(
                    glossary=self.glossary,
                    source_lang=pair.source,
                    target_lang=pair.target,
                    owned=[uid for uid in pair.owned if uid in self.said],
                )
                for pair in self.pairs
            )


def speaks(term: Mapping[str, Any], lang: str) -> bool:
    """Whether a term is of a language, whatever its region or script."""
    tag: str = term["lang"]
    return tag == lang or tag.startswith(lang + "-")


def is_allowed(term: Mapping[str, Any]) -> bool:
    """Whether a text may use the term."""
    return term["status"] in ALLOWED


def texts(said: Mapping[str, Any], lang: str) -> list[str]:
    """The allowed forms in a language."""
    return [term["text"] for term in said["terms"] if speaks(term, lang) and is_allowed(term)]


def lead(said: Mapping[str, Any], lang: str) -> str | None:
    """The form to use in a language: the first preferred one, else the first admitted one."""
    there = [term for term in said["terms"] if speaks(term, lang) and is_allowed(term)]
    there.sort(key=lambda term: ALLOWED.index(term["status"]))
    return there[0]["text"] if there else None


def set_lead(said: dict[str, Any], lang: str, text: str) -> None:
    """Have another form be the one to use: one that is there is preferred, else the old one is written anew."""
    there = [term for term in said["terms"] if speaks(term, lang)]
    old = next((term for term in there if is_allowed(term) and term["text"] == lead(said, lang)), None)
    known = next((term for term in there if term["text"] == text), None)
    if known is not None:
        if old is not None and old["lang"] == known["lang"]:
            old["status"] = "admitted"
        known["status"] = "preferred"
    elif old is not None:
        old["text"] = text
    else:
        said["terms"].append({"lang": lang, "text": text, "status": "preferred"})


@transaction.atomic
def create(
    project: Project, name: str, dictionaries: list[tuple[str, str, dict[str, str]]], by: str
) -> Glossary:
    """A glossary with these dictionaries as its first version; a taken name gets a number, as tools make names twice.

    Raises EntriesInvalid, NameMissing, and what content.read raises.
    """
    glossary = services.new_glossary(project, free_name(project, name), by)
    book = Book(glossary)
    for source, target, given in dictionaries:
        book.put(source, target, given, replace=False)
    book.save(by)
    return glossary


def free_name(project: Project, name: str) -> str:
    """The name, or "name (2)" and so on. Raises GlossaryNameTaken, NameMissing."""
    name = services.checked_name(name)
    taken = set(
        Glossary.objects.filter(project=project, name__startswith=name).values_list("name", flat=True)
    )
    tried = (name, *(f"{name} ({number})" for number in range(2, NAMES_TRIED)))
    free = next((each for each in tried if each not in taken), None)
    if free is None:
        raise GlossaryNameTaken(name=name)
    return free

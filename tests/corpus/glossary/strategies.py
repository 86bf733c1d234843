"""Hypothesis strategies for glossaries."""

from hypothesis import strategies as st

from corpus.glossary.terms import Concept, MatchPolicy, Status, Term, plain_text, term_fault

LANGS = ("en", "en-GB", "zh-Hans", "de")

words = st.text(
    st.sampled_from("abcde ABC-'&<>\"\u00e9\u00df\u51c0\u5229\u6da6\uff21\u0301")
    | st.characters(categories=["L", "N", "P"]),
    min_size=1,
    max_size=12,
)
terms_text = words.map(plain_text).filter(lambda text: term_fault(text) is None)
texts = words.map(plain_text).filter(bool) | st.sampled_from(
    [
        "=1+1",
        "-x",
        "+1",
        "@sum",
        "'=a",
        "_x0041_",
        "a | b; c",
        '<g a="1"><h>i</h></g>',
        "--- x",
        "#",
        "1e5",
        "007",
    ]
)
#: Names of further fields, some of which mean something in one format or another.
names = texts | st.sampled_from(
    [
        "Owner",
        "note",
        "status",
        "tbx",
        "source@en",
        "definition@zh-Hans",
        "a@",
        "@en",
        "extra:note",
        "en",
        "broader",
        "x-match",
        "a#2",
    ]
)
extras = st.dictionaries(names, st.lists(texts, min_size=1, max_size=2).map(tuple), max_size=2)


@st.composite
def concepts(draw: st.DrawFn, uid: str, rich: bool = False) -> Concept:
    """A concept that keeps the rules: no form twice, at most one preferred term a language.

    A rich one has further fields and wider concepts.
    """
    texts_ = draw(st.lists(terms_text, min_size=1, max_size=4, unique_by=lambda text: text.casefold()))
    terms: list[Term] = []
    preferred: set[str] = set()
    for text in texts_:
        lang = draw(st.sampled_from(LANGS))
        status = draw(st.sampled_from(list(Status)))
        if status is Status.PREFERRED and lang in preferred:
            status = Status.ADMITTED
        if status is Status.PREFERRED:
            preferred.add(lang)
        terms.append(
            Term(
                lang=lang,
                text=text,
                # A form forbidden here may be preferred in another concept, which a glossary must not hold.
                status=Status.DEPRECATED if status is Status.FORBIDDEN and draw(st.booleans()) else status,
                case_sensitive=draw(st.booleans()),
                match=draw(st.sampled_from(list(MatchPolicy))),
                do_not_translate=draw(st.booleans()),
                part_of_speech=draw(st.none() | st.sampled_from(["noun", "verb"])),
                term_type=draw(st.none() | st.just("acronym")),
                note=draw(st.none() | texts),
                contexts=tuple(draw(st.lists(texts, max_size=2))),
                extra=draw(extras) if rich else {},
            )
        )
    return Concept(
        uid=uid,
        subject_field=draw(st.none() | texts),
        definitions=draw(st.dictionaries(st.sampled_from(LANGS), texts, max_size=2)),
        note=draw(st.none() | texts),
        source=draw(st.none() | texts),
        broader=tuple(draw(st.lists(texts, max_size=2))) if rich else (),
        extra=draw(extras) if rich else {},
        terms=tuple(terms),
    )

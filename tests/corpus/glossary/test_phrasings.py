"""The pools of phrasings."""

import string

import pytest

from corpus.glossary.phrasings import PHRASINGS, Generator, Pool, Split

_POOLS = [(lang, name, pool) for lang, own in PHRASINGS.items() for name, pool in own.pools.items()]
_FRAMES = [(lang, name, pool) for lang, own in PHRASINGS.items() for name, pool in own.frames.items()]
#: Generators whose prompts are asked in an evaluation.
_EVALUATED = {
    Generator.DEFINITION_TO_TERM,
    Generator.FORM_TO_TERM,
    Generator.CORRECT_SENTENCE,
    Generator.TRANSLATE_TERM,
}


@pytest.mark.parametrize(("lang", "name", "pool"), _POOLS, ids=lambda value: str(value)[:30])
def test_a_generator_has_phrasings_enough_to_generalise(lang: str, name: Generator, pool: Pool) -> None:
    assert len(pool.train) >= 12
    assert len(pool.validation) >= 3
    assert name not in _EVALUATED or len(pool.evaluation) >= 4


@pytest.mark.parametrize("lang", PHRASINGS)
def test_every_generator_has_a_pool(lang: str) -> None:
    assert set(PHRASINGS[lang].pools) == set(Generator)
    assert "other" in PHRASINGS[lang].frames


@pytest.mark.parametrize(("lang", "name", "pool"), [*_POOLS, *_FRAMES], ids=lambda value: str(value)[:30])
def test_the_splits_of_a_pool_share_nothing(lang: str, name: str, pool: Pool) -> None:
    everything = [phrasing for split in Split for phrasing in pool.of(split)]

    assert len(everything) == len(set(everything))


@pytest.mark.parametrize("lang", PHRASINGS)
def test_no_two_generators_share_a_held_out_phrasing(lang: str) -> None:
    pools = list(PHRASINGS[lang].pools.values())
    trained = {phrasing for pool in pools for phrasing in (*pool.train, *pool.validation)}
    held_out = {phrasing for pool in pools for phrasing in pool.evaluation}

    assert not trained & held_out


@pytest.mark.parametrize(("lang", "name", "pool"), [*_POOLS, *_FRAMES], ids=lambda value: str(value)[:30])
def test_the_phrasings_of_a_pool_have_the_same_slots(lang: str, name: str, pool: Pool) -> None:
    slots = {
        frozenset(
            {"definition": "meaning"}.get(slot, slot)
            for _, slot, _, _ in string.Formatter().parse(phrasing)
            if slot is not None
        )
        for split in Split
        for phrasing in pool.of(split)
    }

    assert len(slots) == 1

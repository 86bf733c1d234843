"""Train or validation by content."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.shapes.conversations import read_row
from corpus.split import is_validation

#: What a row may say: no control character, no half of a surrogate pair.
SAID = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip)


@given(SAID, SAID, st.integers())
def test_rows_with_one_prompt_fall_on_one_side(prompt: str, other: str, seed: int) -> None:
    first = read_row({"prompt": prompt, "completion": "a"}, 1)
    second = read_row({"prompt": prompt, "completion": other, "id": 3}, 9)

    sides = {is_validation(row, share=0.5, seed=seed) for row in (first, second)}

    assert len(sides) == 1


def test_the_share_is_met_and_the_seed_moves_rows() -> None:
    rows = [read_row({"prompt": f"p{n}", "completion": "a"}, n) for n in range(4000)]

    first = [is_validation(row, share=0.1, seed=7) for row in rows]
    second = [is_validation(row, share=0.1, seed=8) for row in rows]

    assert 340 < sum(first) < 460
    assert first != second
    assert not any(is_validation(row, share=0, seed=7) for row in rows)


@given(SAID.map(str.strip), st.integers())
def test_spaces_and_punctuation_part_no_prompts(prompt: str, seed: int) -> None:
    said = [prompt, f"  {prompt} ?", prompt.replace(" ", "\n"), f"{prompt}！", f"“{prompt}”"]
    rows = [read_row({"prompt": one, "completion": "a"}, 1) for one in said]

    assert len({is_validation(row, share=0.5, seed=seed) for row in rows}) == 1


def test_case_and_width_part_no_prompts() -> None:
    said = [
        "What is EBITDA?",
        "what is ebitda",
        "WHAT IS EBITDA!",
        "Ｗｈａｔ ｉｓ EBITDA？",
        " What  is\tEBITDA ",
    ]

    for seed in range(40):
        rows = [read_row({"prompt": one, "completion": "a"}, 1) for one in said]
        assert len({is_validation(row, share=0.5, seed=seed) for row in rows}) == 1

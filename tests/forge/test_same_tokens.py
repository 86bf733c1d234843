"""The tokens that rows are trained as, and that the X-ray shows, are those of transformers; the packs those of torch."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from corpus.errors import TemplateUnusable
from corpus.tokens.model import ModelTokens
from corpus.tokens.packing import epoch_order
from corpus.tokens.rows import Chat, as_template_message, render, tokenize
from corpus.tokens.xray import State, xray
from forge.errors import TokenizersDiffer
from forge.models.hub import Base, compare
from protocol.chat import FunctionCall, Message, Role, ToolCall

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "rate",
            "description": 'Der Zinssatz <eines> Landes & "mehr"',
            "parameters": {"type": "object", "properties": {"land": {"type": "string"}}},
        },
    }
]
#: Templates of the families that are tuned most: they differ in marks, system turns, tools, loops and macros.
TEMPLATES = {
    "chatml": "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "qwen": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- endif %}
    {{- "\\n# Tools\\n<tools>" }}
    {%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == "user" or (message.role == "system" and not (loop.first and tools)) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>assistant\\n' }}{% generation %}{{- message.content }}
        {%- for call in message.tool_calls or [] %}
            {{- '<tool_call>{"name": "' }}{{- call.function.name }}{{- '", "arguments": ' }}{{- call.function.arguments | tojson }}{{- '}</tool_call>' }}
        {%- endfor %}{{- '<|im_end|>\\n' }}{% endgeneration %}
    {%- elif message.role == "tool" %}
        {{- '<|im_start|>user\\n<tool_response>' + message.content + '</tool_response><|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}""",
    "llama": """{{- bos_token }}
{%- set ns = namespace(n=0) %}
{%- for message in messages %}
    {%- set ns.n = ns.n + 1 %}
    {%- if not message.content and not message.tool_calls %}{%- continue %}{%- endif %}
    {{- '[' + message.role + ns.n|string + ']' + message.content | trim + eos_token }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '[assistant' + (ns.n + 1)|string + ']' }}{%- endif %}""",
}


def message(role: Role, content: str | None, **more: Any) -> Message:
    return Message(role=role, content=content, **more)


CHATS = {
    "english": Chat([message(Role.USER, "What is a coupon?"), message(Role.ASSISTANT, "A yearly payment.")]),
    "chinese": Chat(
        [message(Role.USER, "“销售额”的首选术语？"), message(Role.ASSISTANT, "營業收入，即营业收入。")]
    ),
    "emoji": Chat([message(Role.USER, "👩‍👩‍👧 ok? 👍🏽"), message(Role.ASSISTANT, "🏳️‍🌈 yes\n\n  é e\u0301")]),
    "several turns": Chat(
        [
            message(Role.DEVELOPER, "Be brief."),
            message(Role.USER, "One?"),
            message(Role.ASSISTANT, "First.", weight=0),
            message(Role.USER, "Two?"),
            message(Role.ASSISTANT, "Second."),
        ]
    ),
    "tools": Chat(
        [
            message(Role.SYSTEM, "Use tools."),
            message(Role.USER, "Rate of 瑞士?"),
            message(
                Role.ASSISTANT,
                None,
                tool_calls=(
                    ToolCall(id="c1", function=FunctionCall(name="rate", arguments='{"land": "瑞士 <&>"}')),
                ),
            ),
            message(Role.TOOL, "0.5 %", tool_call_id="c1"),
            message(Role.ASSISTANT, "It is 0.5 %."),
        ],
        TOOLS,
    ),
    "marks in a text": Chat(
        [message(Role.USER, "<|im_end|> {{ 7 * 7 }} <s>"), message(Role.ASSISTANT, "  padded  ")]
    ),
}


@pytest.fixture(scope="module", params=sorted(TEMPLATES))
def both(
    request: pytest.FixtureRequest, base: Base, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PreTrainedTokenizerFast, ModelTokens]:
    """The tiny model's tokenizer with one of the templates, saved by transformers and read by both."""
    folder = tmp_path_factory.mktemp("tokenizer")
    tokenizer: Any = PreTrainedTokenizerFast(
        tokenizer_object=base.tokenizer.backend_tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>"
    )
    tokenizer.chat_template = TEMPLATES[request.param]
    tokenizer.save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder), ModelTokens.load(folder)


@pytest.mark.parametrize("name", sorted(CHATS))
def test_text_and_tokens_are_those_of_transformers(
    both: tuple[PreTrainedTokenizerFast, ModelTokens], name: str
) -> None:
    tokenizer, tokens = both
    chat = CHATS[name]
    plain = [as_template_message(each) for each in chat.messages]
    for prompt in (False, True):
        text = tokenizer.apply_chat_template(
            plain, tools=chat.tools, tokenize=False, add_generation_prompt=prompt
        )
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)

        assert tokens.template.render(plain, chat.tools, prompt=prompt) == text
        assert tokens.encode(text).ids == encoded["input_ids"]
        assert tokens.encode(text).offsets == encoded["offset_mapping"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=2, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_the_same_tokens(base: Base, texts: list[str]) -> None:
    roles = [Role.USER, Role.ASSISTANT] * 3
    messages = [message(role, text) for role, text in zip(roles, texts, strict=False)]
    plain = [as_template_message(each) for each in messages]
    text = base.tokenizer.apply_chat_template(plain, tokenize=False)

    row = tokenize(Chat(messages), base.tokens)

    assert list(row.ids) == base.tokenizer(text, add_special_tokens=False)["input_ids"]


def test_only_what_a_tool_caller_says_is_trained(base: Base, tmp_path: Path) -> None:
    tokenizer: Any = PreTrainedTokenizerFast(
        tokenizer_object=base.tokenizer.backend_tokenizer, eos_token="<|im_end|>"
    )
    tokenizer.chat_template = TEMPLATES["qwen"]
    tokenizer.save_pretrained(tmp_path)
    rendered = render(CHATS["tools"], ModelTokens.load(tmp_path))

    learnt = [rendered.text[start:end] for start, end in rendered.spans]
    assert learnt == [
        '<tool_call>{"name": "rate", "arguments": {"land": "瑞士 <&>"}}</tool_call><|im_end|>',
        "It is 0.5 %.<|im_end|>",
    ]


@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 7, 40, 1000, 70_000])
@pytest.mark.parametrize(("seed", "epoch"), [(7, 0), (7, 3), (0, 0), (2**31 - 1, 11)])
def test_the_order_of_an_epoch_is_that_of_torch(n_rows: int, seed: int, epoch: int) -> None:
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)

    assert epoch_order(n_rows, seed, epoch) == torch.randperm(n_rows, generator=generator).tolist()


def test_a_tokenizer_that_answers_otherwise_than_rows_are_trained_is_refused(base: Base) -> None:
    other = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    other.pre_tokenizer, other.decoder = pre_tokenizers.Whitespace(), decoders.WordPiece()
    tokens = ModelTokens(other, base.tokens.template)

    with pytest.raises(TokenizersDiffer, match="tiny-llama"):
        compare("tiny-llama", base.tokenizer, tokens)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for", "cannot be read"),
        ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
        ("{{ messages.__class__.__mro__ }}", "unsafe"),
        ("{% set n = namespace(a=1) %}{% set n.__class__ = 2 %}", "refuses a conversation|cannot be read"),
        (
            "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}",
            "changes earlier turns",
        ),
    ],
)
def test_a_template_that_misbehaves_is_refused(
    base: Base, tmp_path: Path, template: str, reason: str
) -> None:
    base.tokenizer.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))

    with pytest.raises(TemplateUnusable, match=reason):
        tokenize(CHATS["several turns"], ModelTokens.load(tmp_path))


def test_bytes_of_a_split_character_are_known(base: Base) -> None:
    def parts(text: str) -> Iterator[bytes]:
        for id_ in base.tokens.encode(text).ids:
            yield base.tokens.bytes_of(id_) or base.tokens.piece(id_).encode()

    for text in ("你", "繁體", "👍🏽"):
        assert b"".join(parts(text)) == text.encode()


#: Letters that only others say: no token of theirs may carry loss.
_OTHERS, _MARKS = (
    "ЖЩЮЫЭ",
    ("<|im_end|>", "<|im_start|>", "<|im_end|>\n<|im_start|>assistant\n", "<s>", "{% generation %}"),
)


def _random_chat(number: int) -> Chat:
    """Turns with whatever people paste: marks of the model, nothing, emoji, long texts; some answers have weight 0."""
    chance = random.Random(number)

    def said(letters: str) -> str:
        parts = chance.choices(
            [letters, chance.choice(_MARKS), " ", "\n", "👩‍👩‍👧", "術", "e\u0301", "<tool_call>"],
            k=chance.randint(1, 12),
        )
        return "".join(parts * (40 if chance.random() < 0.05 else 1))

    messages = [message(Role.SYSTEM, said(_OTHERS))] if chance.random() < 0.4 else []
    for _ in range(chance.randint(1, 5)):
        messages.append(message(Role.USER, said(_OTHERS)))
        content = "" if chance.random() < 0.1 else said("abc")
        weight = 0 if chance.random() < 0.3 else None
        messages.append(message(Role.ASSISTANT, content, weight=weight))
    return Chat(messages)


@pytest.mark.parametrize("part", range(4))
def test_200_random_chats_are_learnt_where_the_x_ray_says_and_nowhere_else(
    both: tuple[PreTrainedTokenizerFast, ModelTokens], part: int
) -> None:
    tokenizer, tokens = both
    for number in range(50 * part, 50 * (part + 1)):
        chat = _random_chat(number)
        row = tokenize(chat, tokens)
        rendered = render(chat, tokens)
        for longest in (len(row.ids), max(1, len(row.ids) // 2)):
            seen = xray(chat, tokens, longest)
            states = [token.state is State.TRAINED for token in seen.tokens]
            cut = row.cut(longest)
            assert [token.id for token in seen.tokens] == list(row.ids)
            assert states[1:longest] == list(cut.trained[1:])
            assert sum(states) == cut.n_trained
        learnt = "".join(
            token.text for token in xray(chat, tokens, len(row.ids)).tokens if token.state is State.TRAINED
        )
        assert not set(learnt) & set(_OTHERS)
        answers = [m for m in chat.messages if m.role is Role.ASSISTANT and m.weight != 0]
        if len(rendered.spans) < len(answers):
            # The third template leaves empty turns out.
            answers = [m for m in answers if m.content]
        assert len(rendered.spans) == len(answers)
        for (start, end), answer in zip(rendered.spans, answers, strict=True):
            assert (answer.content or "").strip() in rendered.text[start:end]
        assert list(row.ids) == tokenizer(rendered.text, add_special_tokens=False)["input_ids"]

"""How a question about a term may be put, by language, generator and split.

The pools of a generator share no phrasing: what is asked in an evaluation was never asked in training, so a
right answer shows that the term was learnt and not the question. Frames are sentences a term is put into;
they too differ from split to split.

Slots: {meaning} definition within a sentence, {definition} the same with a capital, {bad} a form that is not
allowed, {sentence} a sentence, {a} and {b} two forms, {foreign} the term in another language, {term} the term.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Generator(StrEnum):
    """The kinds of rows that are made from a concept."""

    DEFINITION_TO_TERM = "definition_to_term"
    FORM_TO_TERM = "form_to_term"
    CORRECT_SENTENCE = "correct_sentence"
    KEEP_SENTENCE = "keep_sentence"
    CHOOSE_FORM = "choose_form"
    TRANSLATE_TERM = "translate_term"
    EXPLAIN_TERM = "explain_term"


class Split(StrEnum):
    """Who sees a phrasing."""

    TRAIN = "train"
    VALIDATION = "validation"
    EVALUATION = "evaluation"


@dataclass(frozen=True)
class Pool:
    """The phrasings of one generator; `evaluation` is empty where nothing is evaluated."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    evaluation: tuple[str, ...] = ()

    def of(self, split: Split) -> tuple[str, ...]:
        """The phrasings of a split."""
        return {
            Split.TRAIN: self.train,
            Split.VALIDATION: self.validation,
            Split.EVALUATION: self.evaluation,
        }[split]


@dataclass(frozen=True)
class Phrasings:
    """All phrasings of one language."""

    pools: Mapping[Generator, Pool]
    #: Part of speech -> sentences with the slot {term}; "other" serves every part of speech not named.
    frames: Mapping[str, Pool]
    #: The answer that explains a term; it must name the term.
    explanation: str
    #: What ends a definition, and is taken away within a sentence.
    full_stop: str


_EN_SENTENCE = Pool(
    train=(
        "Correct the term: {sentence}",
        "Rewrite in house style: {sentence}",
        "Fix the wording: {sentence}",
        "Use our terms: {sentence}",
        "{sentence} Put this in our words.",
        "Edit for terminology: {sentence}",
        "House terms please: {sentence}",
        "Check this line: {sentence}",
        "Revise: {sentence}",
        "Make this follow the glossary: {sentence}",
        "Our glossary applies. {sentence}",
        "Proofread the terms: {sentence}",
        "Bring this into line with our style: {sentence}",
        "{sentence} Is the term right? Write it correctly.",
    ),
    validation=(
        "Tidy the terms here: {sentence}",
        "Write this as our style guide asks: {sentence}",
        "Put the proper terms in: {sentence}",
        "Review the wording. {sentence}",
    ),
    evaluation=(
        "Please correct this sentence to our terminology: {sentence}",
        "Apply the house style: {sentence}",
        "How should this sentence read? {sentence}",
        "Say this with the approved terms: {sentence}",
        "Replace any wrong term: {sentence}",
    ),
)

_ENGLISH = Phrasings(
    pools={
        Generator.DEFINITION_TO_TERM: Pool(
            train=(
                "Which term means: {meaning}?",
                "What do we call this? {definition}.",
                "Name the term for: {meaning}.",
                "{definition}. Which word do we use for it?",
                "Give the house term. Definition: {meaning}.",
                "Term wanted: {meaning}.",
                "In our glossary, what is the name for {meaning}?",
                "Find the right term: {meaning}.",
                "I need the word or phrase for this: {meaning}.",
                "Complete with our term: {definition} is called",
                "What is the correct expression for {meaning}?",
                "Definition: {meaning}. Term:",
                "How do our reports name {meaning}?",
                "Look up the entry that says: {meaning}.",
                "Our style guide has a term for {meaning}. Which one?",
                "One term, please: {meaning}.",
            ),
            validation=(
                "Tell me the term that stands for {meaning}.",
                "Our word list describes something as {meaning}. What is it?",
                "Meaning: {meaning}. Expression:",
                "Say it in our words: {meaning}.",
            ),
            evaluation=(
                "What is our term for {meaning}?",
                "Which glossary entry is defined as: {meaning}?",
                "A colleague writes about {meaning}. Which term should they use?",
                "{definition}. What is this called in our company?",
                "Please state the approved term: {meaning}.",
            ),
        ),
        Generator.FORM_TO_TERM: Pool(
            train=(
                "What do we say instead of {bad}?",
                "Replace {bad} with the house term.",
                "We do not write {bad}. What do we write?",
                "Preferred term for {bad}?",
                "{bad} is outdated. Which term is right?",
                "Correct this term: {bad}",
                "House style for {bad}:",
                "Our word for {bad}?",
                "How does our style guide name {bad}?",
                "Someone wrote {bad}. What should it be?",
                "Change {bad} to our term.",
                "Avoid {bad}. Use what?",
                "Old term: {bad}. New term:",
                "Is there a better term than {bad}?",
                "What is {bad} called in our reports?",
                "Look up {bad} in our glossary and give the term.",
            ),
            validation=(
                "Give the term that replaces {bad}.",
                "The draft says {bad}; our term is",
                "Not {bad}, but what?",
                "Swap {bad} for the proper term.",
            ),
            evaluation=(
                "Which term should I use instead of {bad}?",
                "What is the approved term for {bad}?",
                "My text says {bad}. What does our house style call it?",
                "{bad} is not allowed here. What is the right term?",
                "Put {bad} into the words of our company.",
            ),
        ),
        Generator.CORRECT_SENTENCE: _EN_SENTENCE,
        Generator.KEEP_SENTENCE: _EN_SENTENCE,
        Generator.CHOOSE_FORM: Pool(
            train=(
                "Which is right: {a} or {b}?",
                "{a} or {b}?",
                "House style: {a} or {b}?",
                "Choose the term: {a} / {b}",
                "Do we write {a} or {b}?",
                "Pick one: {a}, {b}",
                "Which term is ours, {a} or {b}?",
                "Should I use {a} or {b}?",
                "Better term: {a} or {b}?",
                "{a} versus {b}: which do we use?",
                "Glossary check: {a} or {b}?",
                "One of these is wrong: {a}, {b}. Give the right one.",
                "Is it {a} or {b} in our reports?",
            ),
            validation=(
                "Decide between {a} and {b}.",
                "{a}, {b}: keep the approved one.",
                "Of {a} and {b}, which is preferred?",
                "Select the house term from {a} and {b}.",
            ),
        ),
        Generator.TRANSLATE_TERM: Pool(
            train=(
                "Translate {foreign} into English.",
                "English for {foreign}?",
                "{foreign} in English:",
                "How do we say {foreign} in English?",
                "Give the English term: {foreign}",
                "What is {foreign} in our English reports?",
                "Our English word for {foreign}?",
                "{foreign}: English house term?",
                "Put {foreign} into English.",
                "Render {foreign} in English.",
                "Find the English for {foreign}.",
                "Which English term matches {foreign}?",
                "Look up {foreign} and answer in English.",
            ),
            validation=(
                "State {foreign} in English.",
                "Term in English, please: {foreign}",
                "{foreign} becomes what in English?",
                "Write {foreign} as an English term.",
            ),
            evaluation=(
                "What is the English term for {foreign}?",
                "Please translate this term into English: {foreign}",
                "Which English term does our company use for {foreign}?",
                "How should {foreign} be translated into English?",
            ),
        ),
        Generator.EXPLAIN_TERM: Pool(
            train=(
                "What does {term} mean?",
                "Define {term}.",
                "Explain {term} briefly.",
                "What is meant by {term}?",
                "Give our definition of {term}.",
                "Meaning of {term}?",
                "How does our glossary define {term}?",
                "In one sentence: {term}.",
                "Tell me about the term {term}.",
                "{term}: what is that?",
                "Look up the definition of {term}.",
                "What do we understand by {term}?",
            ),
            validation=(
                "Describe {term} in a sentence.",
                "State the definition for {term}.",
                "What stands in our glossary under {term}?",
                "Say what {term} is.",
            ),
        ),
    },
    frames={
        "noun": Pool(
            train=(
                "We report the {term} every quarter.",
                "Please check the {term} before closing.",
                "The board discussed the {term} on Monday.",
                "See note 4 for the {term}.",
                "Investors ask about the {term}.",
                "The table lists the {term} by year.",
                "Our auditors reviewed the {term}.",
                "This page explains the {term}.",
                "Ask the controller about the {term}.",
                "Send me the file on the {term}.",
                "We compared the {term} with last year.",
                "Page two covers the {term}.",
            ),
            validation=(
                "The minutes refer to the {term}.",
                "Add the {term} to the summary.",
                "Who is responsible for the {term}?",
                "Nobody changed the {term}.",
            ),
            evaluation=(
                "The memo mentions the {term} twice.",
                "Did you update the {term} yet?",
                "The new chart shows the {term}.",
                "A footnote describes the {term}.",
                "The team will present the {term} tomorrow.",
            ),
        ),
        "verb": Pool(
            train=(
                "They will {term} it next week.",
                "We must {term} it today.",
                "You may {term} it later.",
                "The bank can {term} it at any time.",
            ),
            validation=("Please {term} it soon.", "Nobody should {term} it twice."),
            evaluation=("The team wants to {term} it in May.", "Who would {term} it now?"),
        ),
        "adjective": Pool(
            train=(
                "The result is {term} this year.",
                "It was called {term} in the report.",
                "This item is {term}.",
                "Is the figure {term}?",
            ),
            validation=("That part seems {term}.", "The contract is {term}."),
            evaluation=("The memo says it is {term}.", "Both items are {term}."),
        ),
        "other": Pool(
            train=(
                'The report says "{term}" here.',
                'Please write "{term}" in the heading.',
                'The word "{term}" stands in note 4.',
                'Our page uses "{term}" twice.',
            ),
            validation=('The draft has "{term}" in line two.', 'Keep "{term}" in the title.'),
            evaluation=('The memo uses "{term}" once.', 'A footnote says "{term}" too.'),
        ),
    },
    explanation="{term}: {meaning}.",
    full_stop=".",
)

_ZH_SENTENCE = Pool(
    train=(
        "请更正术语：{sentence}",
        "按公司用语改写：{sentence}",
        "修改措辞：{sentence}",
        "请用我们的术语：{sentence}",
        "{sentence}请换成规范说法。",
        "术语校对：{sentence}",
        "检查这句话：{sentence}",
        "请润色：{sentence}",
        "使其符合术语表：{sentence}",
        "依照术语表：{sentence}",
        "请审校用词：{sentence}",
        "统一用语：{sentence}",
    ),
    validation=("请把术语写对：{sentence}", "按写作规范重写：{sentence}", "请核对用语。{sentence}"),
    evaluation=(
        "请将这句话改为我们的规范术语：{sentence}",
        "这句话应当怎么写？{sentence}",
        "请用批准的术语表达：{sentence}",
        "把错误的术语替换掉：{sentence}",
    ),
)

_CHINESE = Phrasings(
    pools={
        Generator.DEFINITION_TO_TERM: Pool(
            train=(
                "哪个术语的意思是：{meaning}？",
                "这叫什么？{meaning}。",
                "请说出术语：{meaning}。",
                "{meaning}。我们用哪个词？",
                "请给出规范术语。定义：{meaning}。",
                "求术语：{meaning}。",
                "术语表中，{meaning}叫什么？",
                "请找出正确的术语：{meaning}。",
                "我需要一个词来表示：{meaning}。",
                "定义：{meaning}。术语：",
                "我们的报告怎样称呼{meaning}？",
                "请查词条：{meaning}。",
            ),
            validation=(
                "请告诉我代表下述含义的术语：{meaning}。",
                "含义：{meaning}。说法：",
                "用我们的话说：{meaning}。",
            ),
            evaluation=(
                "我们用什么术语表示{meaning}？",
                "哪个词条的定义是：{meaning}？",
                "{meaning}。公司里这叫什么？",
                "请写出批准的术语：{meaning}。",
            ),
        ),
        Generator.FORM_TO_TERM: Pool(
            train=(
                "不说“{bad}”，我们说什么？",
                "请把“{bad}”换成规范术语。",
                "我们不写“{bad}”，应写什么？",
                "“{bad}”的首选术语？",
                "“{bad}”已过时，正确的术语是？",
                "更正术语：{bad}",
                "“{bad}”的公司用语：",
                "我们对“{bad}”的叫法？",
                "有人写了“{bad}”，应该是什么？",
                "避免“{bad}”，用什么？",
                "旧术语：{bad}。新术语：",
                "有没有比“{bad}”更好的术语？",
            ),
            validation=(
                "请给出替代“{bad}”的术语。",
                "草稿写“{bad}”，我们的术语是",
                "不是“{bad}”，而是什么？",
            ),
            evaluation=(
                "我应该用哪个术语代替“{bad}”？",
                "“{bad}”的批准术语是什么？",
                "文中写着“{bad}”，按公司规范该叫什么？",
                "这里不允许用“{bad}”，正确的术语是什么？",
            ),
        ),
        Generator.CORRECT_SENTENCE: _ZH_SENTENCE,
        Generator.KEEP_SENTENCE: _ZH_SENTENCE,
        Generator.CHOOSE_FORM: Pool(
            train=(
                "哪个对：{a}还是{b}？",
                "{a}还是{b}？",
                "公司用语：{a}还是{b}？",
                "请选术语：{a} / {b}",
                "我们写{a}还是{b}？",
                "选一个：{a}、{b}",
                "哪个是我们的术语，{a}还是{b}？",
                "应该用{a}还是{b}？",
                "更好的术语：{a}还是{b}？",
                "{a}与{b}，我们用哪个？",
                "术语检查：{a}还是{b}？",
                "其中一个不对：{a}、{b}。请给出正确的。",
            ),
            validation=("请在{a}和{b}中决定。", "{a}、{b}：保留批准的。", "{a}与{b}哪个是首选？"),
        ),
        Generator.TRANSLATE_TERM: Pool(
            train=(
                "把 {foreign} 译成中文。",
                "{foreign} 的中文？",
                "{foreign} 中文：",
                "{foreign} 用中文怎么说？",
                "请给出中文术语：{foreign}",
                "中文报告里 {foreign} 叫什么？",
                "我们对 {foreign} 的中文叫法？",
                "{foreign}：中文规范术语？",
                "请翻译 {foreign}。",
                "{foreign} 对应哪个中文术语？",
                "查 {foreign}，用中文回答。",
                "找出 {foreign} 的中文。",
            ),
            validation=("用中文写出 {foreign}。", "中文术语，谢谢：{foreign}", "{foreign} 在中文里是什么？"),
            evaluation=(
                "{foreign} 的中文术语是什么？",
                "请将这个术语译成中文：{foreign}",
                "公司用哪个中文术语表示 {foreign}？",
                "{foreign} 应如何译成中文？",
            ),
        ),
        Generator.EXPLAIN_TERM: Pool(
            train=(
                "{term}是什么意思？",
                "定义{term}。",
                "请简要解释{term}。",
                "什么是{term}？",
                "给出{term}的定义。",
                "{term}的含义？",
                "术语表怎样定义{term}？",
                "一句话说明{term}。",
                "请介绍术语{term}。",
                "{term}指什么？",
                "请查{term}的定义。",
                "我们怎样理解{term}？",
            ),
            validation=("请用一句话描述{term}。", "写出{term}的定义。", "说说{term}是什么。"),
        ),
    },
    frames={
        "other": Pool(
            train=(
                "我们每季度报告{term}。",
                "结账前请核对{term}。",
                "董事会周一讨论了{term}。",
                "{term}见附注四。",
                "投资者询问{term}。",
                "表中列出了{term}。",
                "审计师复核了{term}。",
                "本页说明{term}。",
            ),
            validation=("会议纪要提到{term}。", "请在摘要中加入{term}。"),
            evaluation=(
                "备忘录两次提到{term}。",
                "新图表显示了{term}。",
                "脚注介绍了{term}。",
                "你更新{term}了吗？",
            ),
        ),
    },
    explanation="{term}：{meaning}。",
    full_stop="。",
)

#: Language -> phrasings: a new language of rows is one more entry.
PHRASINGS: Mapping[str, Phrasings] = {"en": _ENGLISH, "zh": _CHINESE}

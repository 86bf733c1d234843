"""Names of people, zh and en, where the text says that they are a person it deals with.

A name alone is no personal data: Newton and 李白 belong in a training set. What is found is a name behind a word that
introduces one ("my name is", "Dear", 我叫, 联系人：), with a title, or as a signature.
"""

import re
from collections.abc import Iterator
from functools import cache

from corpus.cleaning.dictionary import word_counts, word_sorts
from corpus.cleaning.lists import word_list

Span = tuple[int, int]

_WORD = r"[A-Z][a-zà-öø-ÿ]+(?:['’-](?!s\b)[A-Z]?[a-zà-öø-ÿ]+)?"
_PARTICLE = r"(?:(?:van|von|de|da|di|la|le|bin|al|el|del|der|den|ten|O'|Mc|Mac)\s?)"
_GAP = r"[ \t\u00a0]+"
_FULL = rf"{_WORD}(?:{_GAP}[A-Z]\.)?(?:{_GAP}{_PARTICLE}*{_WORD}){{0,2}}"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Professor|Doctor)\.?"
_INTRODUCED = re.compile(
    rf"(?:\b(?i:my (?:full |real |legal )?name is|my name's|the name is|name's|this is|i am|i'm|i’m|call me|known as|signed(?: by)?|sincerely,?|regards,?|"
    rf"cheers,?|yours,?|best wishes,?|thanks,?|thank you,?|dear|hi|hello|hey|attn:?|attention:?|contact(?: person)?:?|ask for|sp(?:eak|oke) (?:to|with)|met with|(?:please )?(?:call|ring)|i,|authori[sz]e|talk to|reach(?: out to)?|"
    rf"(?:full |first |last |customer |client |patient |employee |applicant |cardholder |account |recipient |contact |tenant )?name(?: of (?:the )?\w+)?\s?[:=]|"
    rf"(?:customer|client|patient|employee|applicant|recipient|sender|assignee|author|from|to|cc|tenant|user|account holder|card ?holder|passenger|student|teacher|manager|owner|beneficiary|ship(?:ped)? to|bill(?:ed)? to|deliver(?:ed)? to|"
    rf"colleague|wife|husband|daughter|son|mother|father|brother|sister|neighbou?r|landlord|boss|friend|roommate|assistant|nurse|agent)(?:\s?[:=]|,| is| named| called)?)"
    rf"\s*)(?:{_TITLE}\s+)?(?P<name>{_FULL})"
)
#: Behind these a name need not be one of the list of given names: who they introduce is a person.
_SURELY_INTRODUCED = re.compile(
    r"(?:name(?: of (?:the )?\w+)?(?: is|'s)?\s?[:=]?|dear|regards,?|sincerely,?|wishes,?|cheers,?|yours,?|signed(?: by)?|attn:?|attention:?|contact(?: person)?:?|"
    r"(?:customer|client|patient|employee|applicant|recipient|sender|assignee|tenant|account holder|card ?holder|passenger|beneficiary|colleague|landlord|nurse|"
    r"wife|husband|daughter|son|mother|father|brother|sister|neighbou?r|boss|roommate|assistant)s?(?:\s?[:=]|,| is| named| called)?|"
    r"(?:please )?(?:call|ring|phone|e-?mail)|spoke (?:to|with)|met with|i,|authori[sz]e|from:|to:|cc:)\s*$",
    re.IGNORECASE,
)
_TWO_WORDS = re.compile(
    rf"(?<![A-Za-z0-9_.&-]){_WORD}(?:\s[A-Z]\.)?(?:\s{_PARTICLE}*{_WORD}){{1,2}}(?![A-Za-z0-9_&-])"
)
_TITLED = re.compile(rf"\b{_TITLE}\s+(?P<name>{_FULL})")
_SIGNATURE = re.compile(
    rf"(?:^|\n)[ \t]*(?:[-—–]+[ \t]*)?(?P<name>{_WORD}(?:\s+[A-Z]\.)?\s+{_PARTICLE}*{_WORD})[ \t]*(?=\n|$)"
)
#: Words that stand behind a cue with a capital and are no name.
NO_NAME = frozenset(
    [
        "The",
        "A",
        "An",
        "All",
        "Any",
        "Sir",
        "Madam",
        "Team",
        "Customer",
        "Customers",
        "Support",
        "Service",
        "Services",
        "Everyone",
        "Friend",
        "Friends",
        "Colleague",
        "Colleagues",
        "Hiring",
        "Manager",
        "Committee",
        "User",
        "Users",
        "Guest",
        "Member",
        "Members",
        "Reader",
        "Readers",
        "Student",
        "Students",
        "Parent",
        "Parents",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "English",
        "Chinese",
        "French",
        "German",
        "American",
        "British",
        "Spanish",
        "Italian",
        "Japanese",
        "Please",
        "Thank",
        "Thanks",
        "Best",
        "Kind",
        "Regards",
        "Yes",
        "No",
        "Not",
        "What",
        "When",
        "Where",
        "Who",
        "Why",
        "How",
        "This",
        "That",
        "These",
        "Those",
        "Our",
        "My",
        "Your",
        "We",
        "You",
        "It",
        "If",
        "In",
        "On",
        "At",
        "For",
        "And",
        "But",
        "Or",
        "So",
        "As",
        "By",
        "With",
        "From",
        "To",
        "Is",
        "Are",
        "Was",
        "Were",
        "Do",
        "Does",
        "Did",
        "Can",
        "Could",
        "Would",
        "Should",
        "Will",
        "May",
        "Have",
        "Has",
        "Had",
        "I",
        "God",
        "World",
        "There",
        "Here",
        "Also",
        "Just",
        "Now",
        "Then",
        "New",
        "Python",
        "Java",
        "Google",
        "Microsoft",
        "Apple",
        "Amazon",
        "Facebook",
        "Windows",
        "Linux",
        "Let",
        "Bank",
        "Office",
        "Department",
        "Human",
        "Resources",
        "Sales",
        "Marketing",
        "Finance",
        "Legal",
        "University",
        "College",
        "School",
        "Hospital",
        "Company",
        "Inc",
        "Ltd",
        "Street",
        "Road",
        "Avenue",
        "Order",
        "Number",
        "Account",
        "Invoice",
        "Email",
        "Phone",
        "Address",
        "Date",
        "City",
        "State",
        "Country",
        "Data",
        "Model",
        "System",
    ]
)

_ZH_CUE = (
    "我叫|我是|我的名字(?:叫|是)|本人(?:叫|姓名)?|名叫|叫做|名字叫|姓名|名字|联系人|收件人|收货人|寄件人|客户|患者|病人|申请人|"
    "经办人|负责人|复核人|制单人|审批人|监护人|签收人|收款人|付款人|开户人|持有人|户名|主治医[生师]|持卡人|户主|乘客|学生|员工|同事|朋友|邻居|房东|房客|老板|导师|班主任|租客|司机|法定代表人|担保人|借款人|"
    "被告人?|原告人?|证人|用户|会员|致|尊敬的|亲爱的|[你您]好[,，!！]?|此致|签名|署名|发件人|抄送|请(?:联系|找)|联系|转接|(?<=\\d)转|我(?:爱人|丈夫|妻子|"
    "老公|老婆|儿子|女儿|父亲|母亲|爸爸|妈妈|哥哥|姐姐|弟弟|妹妹|同学|室友)"
)
_ZH_TITLE = "先生|女士|小姐|太太|老师|经理|总监|主任|医生|大夫|教授|博士|律师|主管|师傅|同学|同志|总|董事长|院长|处长|科长|局长|护士|警官|阿姨|叔叔"
#: Characters that given names do not have, and that text behind a name often has.
NOT_GIVEN = frozenset(
    "的了是和或及都也就不没很我你他她它们这那哪个说要把被给让向对为以于先女老请已昨今将因该并需应由电手邮住身地证号码办提申购订您吗呢吧啊收转签"
)
#: Occurrences in jieba's counts from which on two characters are a word that a name ends before.
_WORD_COUNT = 60


def names_in(text: str) -> Iterator[Span]:
    """The spans of names in the text; they may lie in one another."""
    yield from _english_names(text)
    if not text.isascii():
        yield from _chinese_names(text)


def _english_names(text: str) -> Iterator[Span]:
    for pattern, is_sure in ((_INTRODUCED, False), (_TITLED, True), (_SIGNATURE, False)):
        for match in pattern.finditer(text):
            start, end = _trimmed(text, *match.span("name"))
            # "Dear Tom" could be anybody: without a family name only what says that it is a name is one.
            is_whole = is_sure or " " in text[start:end] or "name" in text[match.start() : start].lower()
            is_introduced = is_sure or _is_introduced(text, match.start(), start, end)
            if start < end and is_whole and (is_introduced or _is_name(text[start:end])):
                yield start, end


def _is_introduced(text: str, begin: int, start: int, end: int) -> bool:
    """Whether what stands before says for sure that a person follows, and not all of it are words of English."""
    from simplemma import is_known

    return _SURELY_INTRODUCED.search(text[begin:start]) is not None and not all(
        is_known(word.strip(".,").lower(), lang="en") for word in text[start:end].split()
    )


def _trimmed(text: str, start: int, end: int) -> Span:
    """The name without words at its end, or its beginning, that are none."""
    words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])]
    while words and text[slice(*words[-1])] in NO_NAME:
        words.pop()
    if words and text[slice(*words[0])] in NO_NAME:
        return start, start
    return (words[0][0], words[-1][1]) if words else (start, start)


def _is_name(text: str) -> bool:
    first = re.split(r"[\s'’-]", text, maxsplit=1)[0]
    return first in _given_names() or text.split()[0] in _given_names()


@cache
def _given_names() -> frozenset[str]:
    return frozenset(word_list("given_names_en"))


def is_given_name(word: str) -> bool:
    """Whether the word is an English given name."""
    return word in _given_names()


def english_name(text: str) -> Iterator[Span]:
    """Two or three words with capitals, the middle one perhaps a letter, that may be a name."""
    return (match.span() for match in _TWO_WORDS.finditer(text))


@cache
def zh_family_names() -> tuple[frozenset[str], frozenset[str]]:
    """Chinese family names of two characters, and of one."""
    entries = word_list("surnames_zh")
    double = frozenset(word for line in entries if " " in line for word in line.split())
    return double, frozenset(char for line in entries if " " not in line for char in line)


@cache
def _zh_patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """Behind a cue, before a title, and the family names of two characters."""
    double, single = zh_family_names()
    family = "(?:" + "|".join(sorted(double)) + "|[" + "".join(sorted(single)) + "])"
    hanzi = r"[\u4e00-\u9fff]"
    cued = re.compile(
        rf"(?:{_ZH_CUE})\s*(?:[：:=,，]|叫|是|为|姓名)?\s*[“\"'「]?(?P<name>{family}{hanzi}{{1,2}})"
    )
    titled = re.compile(rf"(?=(?P<name>{family}{hanzi}{{0,2}}?)(?:{_ZH_TITLE}))")
    return cued, titled, double


def _chinese_names(text: str) -> Iterator[Span]:
    cued, titled, double = _zh_patterns()
    for match in cued.finditer(text):
        start = match.start("name")
        size = 2 if text[start : start + 2] in double else 1
        end = _end_of_name(text, start, size)
        if end:
            yield start, end
    for match in titled.finditer(text):
        start, end = match.span("name")
        # 谢谢老师, 常常: a family name twice is none.
        if (
            text[start] not in (text[start - 1 : start], text[start + 1 : start + 2])
            and not _is_common_word(text[start:end])
            and not _is_common_word(text[start : start + 2])
            and _begins_word(text, start)
        ):
            yield start, end


def _end_of_name(text: str, start: int, size: int) -> int | None:
    """Where the name ends whose family name has `size` characters; None where it is no name."""
    if size == 1 and _is_common_word(text[start : start + 2]):
        return None
    for given in (2, 1):
        name = text[start : start + size + given]
        last = start + size + given - 1
        if len(name) < size + given or not all("\u4e00" <= char <= "\u9fff" for char in name):
            continue
        if any(char in NOT_GIVEN for char in name[size:]) or _is_common_word(name):
            continue
        # "王芳今年": the third character begins a word, so the name has two.
        if (
            given == 2
            and _is_common_word(text[last : last + 2])
            and not _is_common_word(text[last - 1 : last + 1])
        ):
            continue
        return start + size + given
    return None


def _is_common_word(text: str) -> bool:
    """Whether jieba's dictionary has the text as a word of some frequency that is no name."""
    counts, _ = word_counts()
    return (
        len(text) > 1
        and counts.get(text, 0) >= _WORD_COUNT
        and not word_sorts().get(text, "").startswith("nr")
    )


def _begins_word(text: str, start: int) -> bool:
    """Whether the character begins a word of its sentence: in 有时老师说 the family name 时 does not."""
    return not any(
        _is_common_word(text[start - back : start + ahead])
        for back in (1, 2)
        for ahead in (1, 2)
        if back <= start
    )

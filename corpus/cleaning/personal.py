"""Personal data in a text: where it is, of which kind; overlapping finds are one."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from corpus.cleaning.checksums import (
    is_card,
    is_iban,
    is_old_resident_id,
    is_resident_id,
    is_social_security_number,
)
from corpus.cleaning.comparable import folded_in_place
from corpus.cleaning.names import names_in
from corpus.cleaning.people import free_names, mentions


class PersonalKind(StrEnum):
    """What personal data is told apart."""

    MAIL = "mail"
    RESIDENT_ID = "resident_id"
    CARD = "card"
    IBAN = "iban"
    DOCUMENT = "document"
    IP = "ip"
    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """One piece of personal data: characters [start, end) of the text."""

    kind: PersonalKind
    start: int
    end: int


#: Where two finds overlap the first kind wins: what proves itself stands before what only looks like it.
_ORDER = {kind: rank for rank, kind in enumerate(PersonalKind)}

#: A letter or figure of an address; accents are allowed in the names of mailboxes and of domains.
_L = r"[0-9A-Za-z_\u00df-\u024f]"
_MAIL = re.compile(
    rf"(?<![0-9A-Za-z_\u00df-\u024f.+-])(?:{_L}|[.+'-]){{1,64}}@(?:(?:{_L}|-){{1,63}}\.){{1,6}}[a-z]{{2,24}}(?![0-9A-Za-z_-])",
    re.IGNORECASE,
)
_MAIL_IN_WORDS = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64}\s?(?:\[at\]|\(at\)|【at】)\s?[\w-]{2,63}(?:\s?(?:\[dot\]|\(dot\)|\.)\s?[a-z]{2,24}){1,3}\b",
    re.I,
)
_RESIDENT_ID = re.compile(r"(?<![0-9a-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dx](?![0-9a-z])", re.IGNORECASE)
_OLD_RESIDENT_ID = re.compile(r"(?:身份证|证件)[^\d\n]{0,8}(?P<id>\d{15})(?!\d)")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_CARD = re.compile(r"(?<![\d.])(?<!\d[ -])[2-6]\d(?:[ -]?\d){11,17}(?![ -]?\d)")
#: What a long number is called that is no card's.
_OTHER_NUMBER = re.compile(
    r"(?:订单|流水|运单|快递|单|交易|编|货|条码|批|合同|发票|工单|参考|案)号?码?\s?(?:是|为|[:：])?\s?$|\b(?:order|tracking|invoice|reference|ref|ticket|case|serial|"
    r"transaction|parcel|shipment|isbn|ean|gtin|upc|imei|barcode)\.?\s?(?:no\.?|num(?:ber)?|id|#|code)?\s?(?:is|:|=)?\s?$",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![0-9a-z])[a-z]{2}\d{2}(?:[ ]?[0-9a-z]){11,30}(?![0-9a-z])", re.IGNORECASE)
#: Numbers of passports, licences and the like prove nothing by themselves: the word before them does.
_DOCUMENT = re.compile(
    r"(?:(?:passport|driv(?:er'?s?|ing) licen[cs]e|national insurance|\bNI(?=\s?(?:no|num))|visa|id card|residence permit)\s?(?:no\.?|num(?:ber)?|#|id)?\s?(?:is|:|：|=)?\s?"
    r"|(?:护照|通行证|驾驶证|驾照|行驶证|军官证|士兵证|台胞证|回乡证|社保卡?|医保卡?|居住证|学生证|工作证|执业证)(?:编?号码?)?\s?(?:是|为|[:：])?\s?)"
    r"(?P<id>[A-Z]{0,3}[ -]?\d(?:[ -]?[\dA-Z]){5,17})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_IP4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)", re.ASCII)
_IP6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE | re.ASCII)
_VERSION = re.compile(
    r"(?:version|release|build|firmware|v|chapter|section|clause|article|table|figure|版本号?|固件|章|节|条|图|表)\s?(?:[:：]|is|为|是)?\s?$",
    re.IGNORECASE,
)
#: Mobile and landline numbers of the mainland as they are written inside Chinese text, where phonenumbers wants a boundary.
_ZH_MOBILE = re.compile(r"(?<![\d.])(?:\(?(?:\+|00)86\)?[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_ZH_LANDLINE = re.compile(
    r"(?<![\d.])(?:\(0\d{2,3}\)|0\d{2,3})[ -]?[2-8]\d{6,7}(?:(?:[ -]|转|ext\.?)\s?\d{1,5})?(?!\d)"
)
_MAY_BE_PHONE = re.compile(
    r"(?<![\d.\w-])(?:\+\d{1,3}[ .-]?|1[ .-])?(?:\(0?\)[ .-]?)?(?:\(\d{2,5}\)|\d{2,5})(?:[ ./–-]{1,2}\d{2,6}){1,4}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![\d\w-]|\.\d)"
    r"|(?<![\d.\w-])\+\d{8,15}(?!\d)",
    re.ASCII,
)
_CALLED = re.compile(
    r"(?:\b(?:tel|phone|telephone|mobile|cell|fax|call|ring|dial|whatsapp|number|reach \w+)\b|电话|手机|热线|致电|拨打|传真|号码|联系方式)[^\d\n]{0,12}$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?!\d)|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d(?!\d)")
_EN_STREET = re.compile(
    r"(?<![\w.])\d{1,6}[A-Z]?(?:-\d{1,4})?,?\s+(?:(?:[NSEW]|North|South|East|West|[NS][EW])\.?\s+)?(?:[A-Z][\w'’.-]*\s+|\d{1,3}(?:st|nd|rd|th)\s+){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Parkway|Pkwy|"
    r"Circle|Cir|Highway|Hwy|Trail|Trl|Crescent|Cres|Close|Grove|Mews|Row|Walk|Loop|Alley|Plaza|Point|Ridge|Run|Path|Pike|"
    r"Island|Islands|Isle|Mountain|Mountains|Village|Villages|Valley|Valleys|View|Views|Ville|Vista|Creek|Crossing|Crossroad|"
    r"Estate|Estates|Expressway|Extension|Extensions|Falls|Ferry|Field|Fields|Flat|Flats|Ford|Fords|Forest|Forge|Forges|Fork|"
    r"Forks|Fort|Freeway|Garden|Gardens|Gateway|Glen|Glens|Green|Greens|Groves|Harbor|Harbors|Haven|Heights|Hill|Hills|Hollow|"
    r"Inlet|Junction|Junctions|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing|Light|Lights|Locks|Lodge|Mall|Manor|Manors|Meadow|"
    r"Meadows|Mill|Mills|Mission|Motorway|Neck|Orchard|Oval|Overpass|Park|Parks|Parkways|Pass|Passage|Pine|Pines|Plain|Plains|"
    r"Points|Port|Ports|Prairie|Radial|Ramp|Ranch|Rapid|Rapids|Rest|Ridges|River|Route|Rue|Shoal|Shoals|Shore|Shores|Skyway|"
    r"Spring|Springs|Spur|Spurs|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Turnpike|"
    r"Underpass|Union|Unions|Viaduct|Wall|Walks|Ways|Well|Wells|Bayou|Beach|Bend|Bluff|Bluffs|Bottom|Branch|Bridge|Brook|Brooks|"
    r"Burg|Burgs|Bypass|Camp|Canyon|Cape|Causeway|Center|Centers|Circles|Cliff|Cliffs|Club|Common|Corner|Corners|Course|Courts|"
    r"Cove|Coves|Curve|Dale|Dam|Divide|Drives|Estates)\b\.?"
    r"(?:,?\s+(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Room|Rm|#)\.?\s*#?\w{1,6})?"
    r"(?:,?\s+[A-Z][\w'’.-]+(?:\s[A-Z][\w'’.-]+){0,2},?\s+(?:[A-Z]{2}|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)\s+\d{5}(?:-\d{4})?)?"
)
_EN_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box|PSC|APO|FPO)\s+\d{1,6}(?:,?\s+[\w ]{2,30},?\s+[A-Z]{2}\s+\d{5}(?:-\d{4})?)?",
    re.IGNORECASE,
)
_ZH_NUMBER = r"[\dA-Za-z一二三四五六七八九十百]{1,6}"
_ZH_ADDRESS = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区|特别行政区))?(?:[\u4e00-\u9fff]{2,7}(?:市|自治州|地区|盟))?(?:[\u4e00-\u9fff]{1,6}(?:区|县|旗|镇|乡|街道|新区))*"
    rf"[\u4e00-\u9fff\d]{{1,12}}(?:路|街|道|巷|弄|胡同|大道|大街|村|小区|花园|家园|公寓|新村|苑|里|园|广场|城|庭|府|湾|座)(?:[一二三四五六七八九十东南西北中\d]{{1,2}}段)?{_ZH_NUMBER}(?:号|弄|栋|幢|座|单元|楼|室|组)"
    rf"(?:院|楼|附)?(?:[\u4e00-\u9fff]{{0,8}}{_ZH_NUMBER}(?:号楼|号|栋|幢|座|单元|层|楼|室|户)){{0,4}}(?:\d{{2,5}}室?(?!\d))?"
    r"|[\u4e00-\u9fff]{2,7}(?:省|自治区)[\u4e00-\u9fff]{2,7}(?:市|县|州)[\u4e00-\u9fff]{1,8}(?:区|县|镇|街道)?[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|村)?[A-Za-z]?座?(?=[\s,，。；\d]|$)(?:\s?\d{6})?"
)
#: Words before an address that its first part would take for its own.
_LED_IN = re.compile(
    r".{0,6}?(?:现?家?居?住[在于]?|位于|坐落于|地址(?:是|为|:)?|寄[到至往给]|送[到至往]|搬[到至]了?|发[到至往]|前往|就在|家在|在|到)(?=[\u4e00-\u9fff])"
)


def personal_data(text: str, kinds: frozenset[PersonalKind]) -> list[Found]:
    """What is found of these kinds, in the order of the text, without overlaps."""
    plain = folded_case(text)
    return _without_overlaps(found for found in _all(text, plain) if found.kind in kinds)


def _without_overlaps(finds: Iterable[Found]) -> list[Found]:
    chosen: list[Found] = []
    for found in sorted(finds, key=lambda found: (_ORDER[found.kind], found.start - found.end, found.start)):
        if all(found.end <= other.start or other.end <= found.start for other in chosen):
            chosen.append(found)
    return sorted(chosen, key=lambda found: found.start)


def personal_data_of_row(texts: Sequence[str], kinds: frozenset[PersonalKind]) -> list[list[Found]]:
    """What is found in each text of a row; a person who is named in one of them is found wherever the row names them."""
    found = [personal_data(text, kinds) for text in texts]
    if PersonalKind.NAME not in kinds:
        return found
    in_company = any(one.kind is not PersonalKind.IP for some in found for one in some)
    more = [
        [Found(PersonalKind.NAME, *span) for span in free_names(folded_case(text), in_company=in_company)]
        for text in texts
    ]
    found = [_without_overlaps([*some, *others]) for some, others in zip(found, more, strict=True)]
    names = {
        text[one.start : one.end]
        for text, some in zip(texts, found, strict=True)
        for one in some
        if one.kind is PersonalKind.NAME
    }
    for number, span in mentions(texts, names):
        found[number].append(Found(PersonalKind.NAME, *span))
    return [_without_overlaps(some) for some in found]


def folded_case(text: str) -> str:
    """The text in usual width with its capitals: offsets stay."""
    if text.isascii():
        return text
    lower = folded_in_place(text)
    return "".join(
        low.upper() if char.isupper() else low if ord(char) > 0x7F else char
        for char, low in zip(text, lower, strict=True)
    )


def _all(text: str, plain: str) -> Iterator[Found]:
    has_digits = any(char.isdecimal() for char in plain)
    if "@" in plain or "at" in plain:
        yield from _matches(PersonalKind.MAIL, _MAIL, plain)
        yield from _matches(PersonalKind.MAIL, _MAIL_IN_WORDS, plain)
    if has_digits:
        yield from _proven(plain)
        yield from _phones(plain)
        yield from _addresses(plain)
    yield from _ips(plain)
    yield from (Found(PersonalKind.NAME, start, end) for start, end in names_in(plain))
    del text


def _matches(kind: PersonalKind, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    return (Found(kind, *match.span()) for match in pattern.finditer(text))


def _proven(text: str) -> Iterator[Found]:
    yield from _identities(text)
    for match in _CARD.finditer(text):
        if is_card(match[0]) and not _OTHER_NUMBER.search(text[max(0, match.start() - 24) : match.start()]):
            yield Found(PersonalKind.CARD, *match.span())
    for match in _IBAN.finditer(text):
        yield from _iban_within(match)


def _identities(text: str) -> Iterator[Found]:
    for match in _RESIDENT_ID.finditer(text):
        if is_resident_id(re.sub(r"[ -]", "", match[0])):
            yield Found(PersonalKind.RESIDENT_ID, *match.span())
    for match in _OLD_RESIDENT_ID.finditer(text):
        if is_old_resident_id(match["id"]):
            yield Found(PersonalKind.RESIDENT_ID, *match.span("id"))
    for match in _SSN.finditer(text):
        if is_social_security_number(match[0]):
            yield Found(PersonalKind.RESIDENT_ID, *match.span())
    for match in _DOCUMENT.finditer(text):
        yield Found(PersonalKind.DOCUMENT, *match.span("id"))


def _iban_within(match: re.Match[str]) -> Iterator[Found]:
    """The IBAN at the start of the match: a word behind it may have been taken for a part of it."""
    for end in range(match.end(), match.start() + 14, -1):
        if is_iban(match.string[match.start() : end]) and match.string[end - 1] != " ":
            yield Found(PersonalKind.IBAN, match.start(), end)
            return


def _phones(text: str) -> Iterator[Found]:
    yield from _matches(PersonalKind.PHONE, _ZH_MOBILE, text)
    yield from _matches(PersonalKind.PHONE, _ZH_LANDLINE, text)
    for match in _MAY_BE_PHONE.finditer(text):
        if not _is_written_as_phone(match[0]) or _DATE.match(match[0]):
            continue
        is_said = _CALLED.search(text[max(0, match.start() - 24) : match.start()]) is not None
        regions = ("US", "GB", "CN")
        if any(_is_phone(match[0], region) for region in regions) or (
            is_said and any(_is_phone(match[0], region, is_said=True) for region in regions)
        ):
            yield Found(PersonalKind.PHONE, *match.span())


@lru_cache(maxsize=4096)
def _is_phone(text: str, region: str, *, is_said: bool = False) -> bool:
    """Whether the number could be called: phonenumbers knows the plans of all countries. Said to be one, its length is enough."""
    from phonenumbers import NumberParseException, is_possible_number, is_valid_number, parse

    try:
        number = parse(text, region)
        return is_valid_number(number) or (is_said and is_possible_number(number))
    except NumberParseException:
        return False


def _is_written_as_phone(raw: str) -> bool:
    """Whether it has a plus or is parted as numbers to call are: ten bare digits are an order number as likely."""
    return raw.startswith("+") or len(re.findall(r"[ ().\-–]+", raw.strip("()"))) >= 1


def _ips(text: str) -> Iterator[Found]:
    for match in _IP4.finditer(text):
        if _is_ip(match[0]) and not _VERSION.search(text[max(0, match.start() - 12) : match.start()]):
            yield Found(PersonalKind.IP, *match.span())
    for match in _IP6.finditer(text):
        if match[0].count(":") >= 2 and len(match[0]) > 6 and _is_ip(match[0]):
            yield Found(PersonalKind.IP, *match.span())


def _is_ip(text: str) -> bool:
    """An address of somebody: loopback, "any" and the network masks are nobody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or text.startswith(("255.", "0.")))


def _addresses(text: str) -> Iterator[Found]:
    yield from _matches(PersonalKind.ADDRESS, _EN_STREET, text)
    yield from _matches(PersonalKind.ADDRESS, _EN_BOX, text)
    for match in _ZH_ADDRESS.finditer(text):
        led_in = _LED_IN.match(match[0])
        yield Found(PersonalKind.ADDRESS, match.start() + (led_in.end() if led_in else 0), match.end())

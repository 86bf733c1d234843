"""What people call the columns of a glossary table."""

from corpus.glossary.terms import Status

_FIELDS = {
    "concept": "concept, concept id, conceptid, id, uid, guid, entry id, entry, entry number, term id, termid, no., nr, nr., number, "
    "serial number, s/n, 概念编号, 编号, 序号, 词条编号, 术语编号, 编码",
    "term": "term, terms, text, headword, 术语, 术语名称, 词条, 词汇, 術語",
    "lang": "lang, language, language code, lang code, locale, term language, 语言, 语种, 语言代码, 語言",
    "status": "status, term status, administrative status, usage status, 状态, 术语状态, 使用状态, 狀態",
    "definition": "definition, description, entry definition, concept definition, term definition, meaning, 定义, 释义, 含义, 解释, 描述, 定義",
    "definitions": "definitions",
    "part_of_speech": "pos, part of speech, partofspeech, word class, 词性, 词类, 詞性",
    "term_type": "type, term type",
    "note": "note, notes, comment, comments, remark, remarks, usage note, usage notes, 备注, 说明, 注释, 備註",
    "concept_note": "entry note, concept note",
    "term_note": "term note",
    "context": "context, contexts, example, examples, example sentence, usage example, term example, 例句, 示例, 例子, 语境, 上下文",
    "subject_field": "subject, subject field, domain, subdomain, field, category, entry subject, entry domain, concept subject, "
    "concept domain, concept subdomain, topic, 领域, 专业领域, 学科, 分类, 类别, 主题, 行业, 領域",
    "source": "source, reference, 来源, 出处, 參考, 参考, 參考來源, 参考来源, 來源",
    "broader": "broader",
    "case_sensitive": "case sensitive, casesensitive, 区分大小写",
    "do_not_translate": "do not translate, dnt, non translatable, 不翻译, 不译",
    "translatable": "translatable",
    "match": "match",
    "exact_match": "exact match, exactmatch",
    "info": "term info",
}
#: A column's plain name -> its field. "note" and "definition" depend on the table.
FIELDS = {name.strip(): field for field, names in _FIELDS.items() for name in names.split(",")}
_STATUSES = {
    Status.PREFERRED: "preferred, preferred term, 首选, 首选术语, 推荐",
    Status.ADMITTED: "admitted, synonym, synonyms, variant, variants, variation, variations, alternative, alternatives, "
    "alternative term, alternative terms, also known as, aka, 允许, 同义词, 近义词, 别名, 又称, 變體, 同義詞",
    Status.DEPRECATED: "deprecated, deprecated term, deprecated terms, not recommended, 不推荐",
    Status.SUPERSEDED: "superseded, superseded term, superseded terms, 旧称, 曾用名",
    Status.FORBIDDEN: "forbidden, forbidden term, forbidden terms, forbidden translation, forbidden translations, do not use, "
    "banned, prohibited, not allowed, 禁用, 禁用词, 禁用术语, 禁用译法, 禁用译名, 禁用译词, 禁止使用, 错误译法, 禁用詞, 禁用術語",
}
#: A column's plain name -> the status of the terms in it.
STATUSES = {name.strip(): status for status, names in _STATUSES.items() for name in names.split(",")}
#: Columns of short forms: admitted, in the language of the term before them.
SHORT_FORMS = frozenset(
    [
        "abbreviation",
        "abbreviations",
        "abbr",
        "abbr.",
        "acronym",
        "acronyms",
        "short form",
        "short forms",
        "缩写",
        "缩略语",
        "缩略词",
        "简称",
        "縮寫",
        "簡稱",
    ]
)

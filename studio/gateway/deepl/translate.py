"""/v2/translate: translation by a deployed model, with the terms of a glossary that the text has."""

import asyncio
import json
import re
from typing import Any

from channels.db import database_sync_to_async
from django.http import HttpResponse
from ninja import Router

from corpus.glossary.fold import is_unspaced, norm_key
from protocol.errors import ErrorCode, StudioError
from studio.deployments import services as deployments
from studio.deployments.models import Deployment
from studio.errors import InvalidRequest
from studio.gateway import proxy
from studio.gateway.deepl.answers import DeeplAuth, as_json, fields_of, text_of
from studio.gateway.deepl.v2 import LANGUAGES
from studio.gateway.deepl.v3 import find
from studio.glossaries.dictionaries import Book, base_lang
from studio.projects.access import ApiRequest
from studio.projects.models import Project, Role

router = Router(tags=["DeepL"], auth=DeeplAuth())

#: As many as DeepL takes.
MAX_TEXTS = 50
#: Terms that are told to the model for one text.
MAX_TERMS = 40
MAX_TOKENS = 512
#: A script that one language alone is usually written in; everything else is taken for English.
SCRIPTS = (
    ("[\u3040-\u30ff]", "ja"),
    ("[\uac00-\ud7af]", "ko"),
    ("[\u4e00-\u9fff]", "zh"),
    ("[\u0400-\u04ff]", "ru"),
)


class NothingDeployed(StudioError):
    """No model of this project is deployed, so nothing can translate; deploy one, then ask again."""

    code = ErrorCode.MODEL_NOT_DEPLOYED


class ModelFailed(StudioError):
    """The model {model!r} answered {status} instead of a translation: {message}"""

    code = ErrorCode.ENGINE_UNAVAILABLE
    permanent = False


@router.post("/translate")
async def translate(request: ApiRequest) -> HttpResponse:
    """Translate texts by the project's newest deployed model, or the one `model` names; `glossary_id` gives it the terms."""
    project = request.auth.require(Role.VIEWER)
    fields = fields_of(request)
    texts = texts_in(fields)
    target = text_of(fields, "target_lang")
    source = text_of(fields, "source_lang", "") or None
    terms = await database_sync_to_async(terms_for)(project, fields, source, target)
    deployment = await database_sync_to_async(server_for)(project, text_of(fields, "model", ""))
    asked = [one(deployment, text, source, target, terms) for text in texts]
    return as_json({"translations": list(await asyncio.gather(*asked))})


def texts_in(fields: dict[str, Any]) -> list[str]:
    """The texts to translate. Raises InvalidRequest."""
    given = fields.get("text")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("Value for 'text' must be a text or a list of texts.", "text")
    if len(texts) > MAX_TEXTS:
        raise InvalidRequest(f"At most {MAX_TEXTS} texts are taken at once.", "text")
    return texts


def terms_for(project: Project, fields: dict[str, Any], source: str | None, target: str) -> dict[str, str]:
    """The entries of the glossary that the request names; none for no glossary. Raises InvalidRequest, NotFound."""
    glossary_id = text_of(fields, "glossary_id", "")
    if not glossary_id:
        return {}
    if source is None:
        raise InvalidRequest("A glossary needs 'source_lang' beside it.", "source_lang")
    book = Book(find(project, glossary_id))
    return {text: said for text, (_, said) in book.entries(book.pair(source, target)).items()}


def server_for(project: Project, model: str) -> Deployment:
    """The server of a model, else the newest one that answers. Raises NothingDeployed, and what live_for raises."""
    if model:
        return deployments.live_for(project, model)
    found = next((each for each in deployments.active(project) if deployments.is_live(each)), None)
    if found is None:
        raise NothingDeployed
    return found


async def one(
    deployment: Deployment, text: str, source: str | None, target: str, terms: dict[str, str]
) -> dict[str, Any]:
    """One text, translated; `x_glossary` says which terms it has and which of them the answer lacks."""
    wanted = matched(text, terms)
    body = {
        "model": deployment.model_version.model_id,
        "messages": [
            {"role": "system", "content": instruction(source, target, wanted)},
            {"role": "user", "content": text},
        ],
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
    }
    answer = await proxy.passed_on(deployment, await proxy.ask(deployment, body, ""))
    translated = answer_in(deployment, answer)
    said = norm_key(translated)
    return {
        "detected_source_language": base_lang(source or detected(text)).upper(),
        "text": translated,
        "billed_characters": 0,
        "model_type_used": deployment.model_version.model_id,
        "x_glossary": {
            "expected": wanted,
            "missing": {key: term for key, term in wanted.items() if norm_key(term) not in said},
        },
    }


def answer_in(deployment: Deployment, answer: Any) -> str:
    """What the model said. Raises ModelFailed."""
    content = json.loads(answer.content)
    if answer.status_code != 200:
        message = content.get("error", {}).get("message", "")
        model = deployment.model_version.model_id
        raise ModelFailed(model=model, status=answer.status_code, message=message)
    return str(content["choices"][0]["message"]["content"] or "").strip()


def instruction(source: str | None, target: str, terms: dict[str, str]) -> str:
    """What the model is told; terms are data in JSON, so that none of them reads as an order."""
    words = f"Translate the user's text{f' from {name_of(source)}' if source else ''} into {name_of(target)}."
    words += " Answer with the translation alone."
    if terms:
        words += " Use exactly these terms, source to target: " + json.dumps(terms, ensure_ascii=False)
    return words


def name_of(tag: str) -> str:
    """A language as a model knows it."""
    code = base_lang(tag)
    return LANGUAGES.get(code, code)


def matched(text: str, terms: dict[str, str]) -> dict[str, str]:
    """The terms whose source the text has, the longest first; whole words where the script has words."""
    folded = norm_key(text)
    found: dict[str, str] = {}
    for source in sorted(terms, key=len, reverse=True):
        key = norm_key(source)
        if key in folded and (is_unspaced(key[0]) or re.search(rf"(?<!\w){re.escape(key)}(?!\w)", folded)):
            found[source] = terms[source]
        if len(found) == MAX_TERMS:
            break
    return found


def detected(text: str) -> str:
    """The language by the script it is written in."""
    return next((lang for script, lang in SCRIPTS if re.search(script, text)), "en")

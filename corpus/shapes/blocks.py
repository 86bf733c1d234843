"""The content of a turn in parts, as Anthropic, Gemini, Bedrock and OpenAI's newer API write them, brought to OpenAI's parts."""

import json
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import RowInvalid
from corpus.shapes.pictures import PLACEHOLDER

_TEXT_KINDS = frozenset({"text", "input_text", "output_text"})
_THOUGHTS = frozenset({"thinking", "redacted_thinking", "reasoning", "reasoningContent"})


@dataclass
class Block:
    """What the parts of a turn say."""

    #: OpenAI's parts; what is none of them stands here as it was.
    parts: list[Any] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    #: (id of the call, name, text) of each answer by a tool.
    answers: list[tuple[Any, str | None, str]] = field(default_factory=list)


def blocks_of(content: Any, place: str, line: int) -> Block | None:
    """The parts of a content; nothing where it is not in parts. Raises RowInvalid."""
    if not isinstance(content, list) or not content:
        return None
    found = Block()
    for number, part in enumerate(content):
        _add(found, part, f"{place}[{number}]", line)
    return found


def _add(found: Block, part: Any, place: str, line: int) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(kind, str | None):
        found.parts.append(part)
        return
    if kind in _THOUGHTS or part.get("thought") is True or "reasoningContent" in part:
        reason = (
            "is thinking, which is not learnt apart from the answer; write it into the text or take it out"
        )
        raise RowInvalid(line=line, field=place, reason=reason)
    if call := _call(part):
        found.calls.append(call)
    elif answer := _answer(part):
        found.answers.append(answer)
    elif kind in _TEXT_KINDS or (kind is None and isinstance(part.get("text"), str)):
        found.parts.append({"type": "text", "text": part.get("text")})
    elif kind == "refusal" and isinstance(part.get("refusal"), str):
        found.parts.append({"type": "text", "text": part["refusal"]})
    else:
        found.parts.append(_picture(part) or part)


def _call(part: dict[str, Any]) -> dict[str, Any] | None:
    """{"id", "name", "arguments"} of a part that calls a tool."""
    if part.get("type") == "tool_use":
        return {"id": part.get("id"), "name": part.get("name"), "arguments": part.get("input", {})}
    if isinstance(use := part.get("toolUse"), dict):
        return {"id": use.get("toolUseId"), "name": use.get("name"), "arguments": use.get("input", {})}
    if isinstance(call := part.get("functionCall", part.get("function_call")), dict):
        return {"id": call.get("id"), "name": call.get("name"), "arguments": call.get("args", {})}
    return None


def _answer(part: dict[str, Any]) -> tuple[Any, str | None, str] | None:
    if part.get("type") == "tool_result":
        return part.get("tool_use_id"), None, _said(part.get("content"))
    if isinstance(result := part.get("toolResult"), dict):
        return result.get("toolUseId"), None, _said(result.get("content"))
    if isinstance(response := part.get("functionResponse", part.get("function_response")), dict):
        return response.get("id"), response.get("name"), _said(response.get("response"))
    return None


def _said(content: Any) -> str:
    """The text of an answer: its texts, else its JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(item, dict) and "text" in item for item in content):
        return "\n".join(str(item["text"]) for item in content)
    return json.dumps(content, ensure_ascii=False)


def _picture(part: dict[str, Any]) -> dict[str, Any] | None:
    """OpenAI's part for a picture written in another way; one without an address only marks a place."""
    kind = part.get("type")
    if isinstance(data := part.get("inlineData", part.get("inline_data")), dict):
        return _data_url(data.get("mimeType", data.get("mime_type")), data.get("data"))
    if kind == "input_image":
        return {"type": "image_url", "image_url": part.get("image_url")}
    if kind != "image":
        return None
    source = part.get("source")
    if isinstance(source, dict) and source.get("type") == "base64":
        return _data_url(source.get("media_type"), source.get("data"))
    address = next((part[key] for key in ("image", "url", "path") if part.get(key)), None)
    if isinstance(source, dict) and source.get("url"):
        address = source["url"]
    if address is None:
        return {"type": "text", "text": PLACEHOLDER}
    return {"type": "image_url", "image_url": address}


def _data_url(media_type: Any, data: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}

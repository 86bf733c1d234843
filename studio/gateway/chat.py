"""/v1/chat/completions."""

from django.http.response import HttpResponseBase
from ninja import Router

from studio.gateway import errors, proxy
from studio.gateway.parsing import read_json
from studio.projects.access import ApiRequest
from studio.projects.models import Role

router = Router(tags=["chat"])

LIMIT_BYTES = 8 * 1024**2
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["model", "messages"],
                    "properties": {
                        "model": {"type": "string"},
                        "messages": {"type": "array", "items": {"type": "object"}},
                        "stream": {"type": "boolean", "default": False},
                    },
                    "additionalProperties": True,
                }
            }
        },
    }
}


@router.post("/chat/completions", openapi_extra=BODY)
async def create(request: ApiRequest) -> HttpResponseBase:
    """Answer a conversation by a deployed model, in one piece or streamed."""
    project = request.auth.require(Role.VIEWER)
    if len(request.body) > LIMIT_BYTES:
        message = f"The body has {len(request.body)} bytes; at most {LIMIT_BYTES} are taken."
        return errors.envelope(413, None, message)
    return await proxy.chat(project, read_json(request.body), request_id=getattr(request, "request_id", ""))

"""The same action as code: what the code tabs of the pages show."""

from django.conf import settings


def python_client() -> str:
    """How a client is made; the key comes from the keys page."""
    return (
        "from openai import OpenAI\n\n"
        f'client = OpenAI(base_url="{settings.PUBLIC_URL}/v1", api_key="sk-studio-…")\n'
    )


def run_python(*, model: str, training_file: str, suffix: str, job: str) -> str:
    """Start and follow a run like this one."""
    return python_client() + (
        "job = client.fine_tuning.jobs.create(\n"
        f'    model="{model}", training_file="{training_file}", suffix="{suffix}"\n'
        ")\n"
        f'print(client.fine_tuning.jobs.retrieve("{job}").status)\n'
        f'for event in client.fine_tuning.jobs.list_events("{job}"):\n'
        "    print(event.created_at, event.message)\n"
    )


def run_curl(*, job: str) -> str:
    """Look at a run from a shell."""
    return f'curl {settings.PUBLIC_URL}/v1/fine_tuning/jobs/{job} -H "Authorization: Bearer $STUDIO_API_KEY"'


def chat_python(model: str) -> str:
    """Ask a deployed model, streamed."""
    return python_client() + (
        "stream = client.chat.completions.create(\n"
        f'    model="{model}",\n'
        '    messages=[{"role": "user", "content": "Which term do we use?"}],\n'
        "    stream=True,\n"
        ")\n"
        "for chunk in stream:\n"
        '    print(chunk.choices[0].delta.content or "", end="")\n'
    )


def chat_curl(model: str) -> str:
    """Ask a deployed model from a shell."""
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "Which term do we use?"}}]}}'
    return (
        f"curl {settings.PUBLIC_URL}/v1/chat/completions \\\n"
        '  -H "Authorization: Bearer $STUDIO_API_KEY" -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )

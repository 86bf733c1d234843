"""A local model server that answers as a test wants: honestly, with lies, slowly, or not at all."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str, str, int], Any]


@dataclass
class Server:
    """Where it listens, and what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """`answer(system, text, number)` gives the content, or (status, body) in place of an answer."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                server.requests.append(body | {"path": self.path})
                server.headers.append(dict(self.headers))
                number = len(server.requests)
            system, user = (message["content"] for message in body["messages"])
            said = answer(system, user, number)
            status, payload = said if isinstance(said, tuple) else (200, said)
            if status == 200 and isinstance(payload, str):
                payload = {
                    "choices": [{"message": {"role": "assistant", "content": payload}}],
                    "usage": {"total_tokens": 50},
                }
            raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            self.send_response(status)
            for name, value in (("Location", "http://169.254.169.254/"),) if status == 302 else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()

"""A wire between a TCP port and a unix socket that can be cut without anybody being told, as a network does."""

import socket
import threading
from contextlib import suppress
from pathlib import Path


class Wire:
    """Passes bytes on while it is whole; while it is cut they wait, and no connection ends."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self.whole = threading.Event()
        self.whole.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nothing gets through any more."""
        self.whole.clear()

    def mend(self) -> None:
        """What waited goes through."""
        self.whole.set()

    def close(self) -> None:
        """End every connection."""
        self.mend()
        for end in (self.listener, *self.ends):
            # Wakes the thread that reads it.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.to))
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.whole.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

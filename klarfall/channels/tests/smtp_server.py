"""A small SMTP server on the loopback that says what a test wants it to say."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SmtpServer(socketserver.ThreadingTCPServer):
    """Keeps what it accepts in `received`; `answers` are given to the next RCPT commands, then 250.

    `whims` are what it does with the next mails: `dies` in the middle of the text, `dawdles` before it takes it, or
    answers what else stands there.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.whims: list[str] = []
        self.dawdling = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Session(socketserver.StreamRequestHandler):
    """One connection: just enough of SMTP for smtplib."""

    server: SmtpServer

    def handle(self) -> None:
        self._say("220 test")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                self._say(self.server.answers.pop(0) if self.server.answers else "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                if not self._take(recipient):
                    return
            else:
                self._say("250 ok")

    def _take(self, recipient: str) -> bool:
        """Read the text and answer; False where the connection is gone."""
        whim = self.server.whims.pop(0) if self.server.whims else "250 taken"
        if whim == "dies":
            self.rfile.readline()
            return False
        message = self._message()
        if whim[:1] in "45":
            self._say(whim)
            return True
        self.server.received.append((recipient, message))
        if whim == "dawdles":
            self.server.dawdling.wait(5)
            return False
        self._say(whim)
        return True

    def _message(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
            lines.append(line.removeprefix(".") if line.startswith("..") else line)
        return "".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """The running server for the time of the block."""
    with SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.dawdling.set()
        server.shutdown()
        thread.join()

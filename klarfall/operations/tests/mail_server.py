"""A mail server of a few lines, for looking at what is said to it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mail_server(*, accepts: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Port of a server that greets, and lets in or not; with the commands it heard."""
    heard: list[str] = []

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 mail.example\r\n")
            while line := self.rfile.readline():
                word = line.decode().split()[0].upper()
                heard.append(word)
                answers = {"EHLO": b"250-mail.example\r\n250 AUTH PLAIN\r\n", "QUIT": b"221 bye\r\n"}
                signed_in = b"235 welcome\r\n" if accepts else b"535 no\r\n"
                self.wfile.write(answers.get(word, signed_in if word == "AUTH" else b"250 ok\r\n"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], heard
        server.shutdown()

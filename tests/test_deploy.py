"""What `deploy/` offers really runs: units that systemd accepts, a proxy before a running Klarfall, complete copies."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.http import JsonResponse

from klarfall.accounts.access import client_address
from klarfall.operations import views

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
HOST = "support.example"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
MB = 1024 * 1024

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is missing (Debian: apt-get install nginx)")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")


@needs_systemd
def test_systemd_accepts_the_units(tmp_path):
    units = []
    for unit in sorted(DEPLOY.glob("klarfall*.*")):
        text = unit.read_text().replace("/opt/klarfall/.venv/bin/python", sys.executable)
        units.append(tmp_path / unit.name)
        units[-1].write_text(text.replace("/opt/klarfall", str(ROOT)))
    assert len(units) == 4
    found = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in found.stderr.splitlines() if "klarfall" in line]
    assert (found.returncode, ours) == (0, [])


def test_only_those_who_need_it_know_the_owner_of_the_tables():
    knowing = {unit.name for unit in DEPLOY.glob("*.service") if "klarfall-owner.env" in unit.read_text()}
    assert knowing == {"klarfall-migrate.service", "klarfall-backup.service"}
    for unit in DEPLOY.glob("*.service"):
        text = unit.read_text()
        assert "User=klarfall" in text
        assert "StateDirectoryMode=0700" in text
        assert "NoNewPrivileges=yes" in text


def test_the_image_copies_everything_that_its_steps_read():
    steps = (DEPLOY / "Containerfile").read_text()
    setup = steps.index("RUN bin/setup")
    for needed in ("pyproject.toml", "requirements.lock", "./bin", "./locale", "./klarfall"):
        assert 0 < steps.index(needed) < setup, f"bin/setup reads {needed}"


class Proxy:
    """nginx with the example configuration, changed only in its ports and the place of its certificate."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.folder = folder
        self.plain, self.tls = free_port(), free_port()
        key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}"]
        names = ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"]
        subprocess.run([*key, *names], check=True, capture_output=True)
        site = (DEPLOY / "nginx.conf.example").read_text()
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{self.tls} ssl",
            "/etc/ssl/support.example.": f"{folder}/tls.",
            "http://127.0.0.1:8000": upstream,
        }.items():
            assert old in site
            site = site.replace(old, new)
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user} pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; events {{ }}"
            f" http {{ access_log off; {temporary}\n{site}\n}}"
        )

    def command(self, *more: str) -> list[str]:
        return [str(NGINX), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr", *more]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        """One request over TLS, as a browser that believes our certificate sends it."""
        context = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        raw = socket.create_connection(("127.0.0.1", self.tls), timeout=20)
        connection = http.client.HTTPConnection(HOST, timeout=20)
        connection.sock = context.wrap_socket(raw, server_hostname=HOST)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, {"Host": HOST, **named})
        return connection.getresponse()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def behind_tls(settings):
    """The settings that BASE_URL=https://support.example and BEHIND_PROXY=yes lead to."""
    settings.BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    settings.CSRF_TRUSTED_ORIGINS = [f"https://{HOST}"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-klarfall", "__Host-csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


@pytest.fixture
def proxy(behind_tls, committed_db, live_server, tmp_path):
    """nginx before a running Klarfall."""
    one = Proxy(tmp_path, live_server.url)
    tried = subprocess.run(one.command("-t"), capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(one.command("-g", "daemon off;"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", one.tls), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield one
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def cookies_of(answer: http.client.HTTPResponse) -> dict[str, str]:
    """Name and value of every cookie; all are for TLS only, and those that matter for this host only."""
    found = {}
    for line in answer.headers.get_all("Set-Cookie", []):
        assert "Secure" in line
        assert line.startswith(("__Host-", "django_language="))
        name, _equals, value = line.split(";")[0].partition("=")
        found[name] = value
    return found


@needs_nginx
def test_klarfall_works_behind_the_proxy(proxy, cast, monkeypatch):
    cast.anna.set_password("Korrekt-Pferd-7")
    cast.anna.save(update_fields=["password"])
    form = proxy.ask("GET", "/account/login/")
    assert form.status == 200
    cookies = cookies_of(form)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.read().decode())[1]
    body = urlencode({"login": cast.anna.email, "password": "Korrekt-Pferd-7", "csrfmiddlewaretoken": token}).encode()
    told = {"Content_Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}/account/login/"}
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    answer = proxy.ask("POST", "/account/login/", body, Cookie=jar, Origin=f"https://{HOST}", **told)
    assert answer.status == 302
    cookies |= cookies_of(answer)
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert proxy.ask("GET", "/desk/lists/mine/", Cookie=jar).status == 200
    # Parts that pages fetch by themselves to stay up to date.
    assert proxy.ask("GET", "/desk/timer/", Cookie=jar, HX_Request="true").status in {200, 204}
    assert proxy.ask("GET", "/desk/lists/mine/").status == 302  # without the cookie

    # Whatever a visitor claims, Klarfall sees the address that the proxy saw.
    def echo(request):
        return JsonResponse({"address": client_address(request), "secure": request.is_secure()})

    monkeypatch.setitem(views.PROBES, "/health/live/", echo)
    lied = proxy.ask("GET", "/health/live/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http")
    assert json.loads(lied.read()) == {"address": "127.0.0.1", "secure": True}
    assert proxy.ask("GET", "/metrics").status == 404

    # A file of 25 MB and ten of them get through to Klarfall; more is refused before it is sent.
    large = proxy.ask("POST", "/account/login/", b"x" * (26 * MB), Cookie=jar, Content_Type="text/plain")
    assert large.status != 413
    assert proxy.ask("POST", "/account/login/", Content_Length=str(300 * MB)).status == 413

    plain = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    plain.request("GET", "/requests/1/", headers={"Host": HOST})
    moved = plain.getresponse()
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/requests/1/")

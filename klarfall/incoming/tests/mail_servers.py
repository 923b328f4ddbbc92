"""A real Dovecot and a real Postfix of Debian on free loopback ports, with their own configuration in a folder.

Nothing of the machine's own configuration is read or touched. Dovecot runs as whoever runs the tests, as root it gives
its mails to `nobody`; Postfix can only be started by root.
"""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from klarfall.core.supervisor import die_with_parent

USER, PASSWORD = "support", "s3cret-Word%ü"
DOVECOT = shutil.which("dovecot") or shutil.which("/usr/sbin/dovecot")
POSTFIX = shutil.which("postfix") or shutil.which("/usr/sbin/postfix")
HOW = "(Debian: bin/mail-servers installs it)"

_DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/tls.crt
ssl_key = <{folder}/tls.key
disable_plaintext_auth = no
default_login_user = {login}
default_internal_user = {ours}
default_internal_group = {group}
mail_location = maildir:{folder}/home/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
auth_failure_delay = 0
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
protocol imap {{
  mail_max_userip_connections = 50
  {offered}
}}
"""

needs_dovecot = pytest.mark.skipif(DOVECOT is None, reason=f"Dovecot is missing {HOW}")
needs_postfix = pytest.mark.skipif(
    POSTFIX is None or os.getuid() != 0, reason=f"Postfix is missing {HOW}, or this is not root, who alone can start it"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def eventually(condition: Callable[[], object], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def open_folder(prefix: str) -> Path:
    """A folder that other users can pass through: the daemons are not who we are."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    return folder


class Dovecot:
    """One server with IMAP (plain, STARTTLS and TLS) and one user, whose folders are files."""

    def __init__(self) -> None:
        self.folder = open_folder("klarfall-dovecot-")
        self.port, self.tls_port = free_port(), free_port()
        self.process: subprocess.Popen | None = None
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.capability = ""
        for name in ("home", "run", "state"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "home", self.owner.pw_uid, self.owner.pw_gid)
        key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
        names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        files = ["-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt"]
        subprocess.run([*key, *names, *files], check=True, capture_output=True)

    def start(self, capability: str = "") -> None:
        """Start it; `capability` instead of what it would offer."""
        self.capability = capability
        (self.folder / "dovecot.conf").write_text(self._configuration())
        command = [str(DOVECOT), "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent())  # noqa: PLW1509
        assert eventually(lambda: answers(self.port)), (self.folder / "log").read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it at once with everything it has started; by itself it lets go of connections after ten seconds."""
        if self.process is not None:
            self.cut()
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def cut(self) -> None:
        """Kill the processes that hold connections, as a crash does."""
        assert self.process is not None
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended by itself
                if b"imap" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(int(pid), signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, folder: str = "INBOX", query: str = "tls=no", password: str = PASSWORD) -> str:
        return f"imap://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(folder)}?{query}"

    def connect(self) -> imaplib.IMAP4:
        """As somebody else with the same password: a mail program, or a server that delivers."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def put(self, raw: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Deliver a message into a folder (as IMAP spells its name)."""
        client = self.connect()
        status, why = client.append(f'"{folder}"', flags, None, raw)
        assert status == "OK", why
        client.logout()

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of every message."""
        client = self.connect()
        client.select(f'"{folder}"', readonly=True)
        _status, found = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [one.decode() for one in found if one]

    def _configuration(self) -> str:
        group = grp.getgrgid(self.owner.pw_gid).gr_name if os.getuid() else "dovecot"
        us = pwd.getpwuid(os.getuid()).pw_name
        login, ours = ("dovenull", "dovecot") if os.getuid() == 0 else (us, us)
        offered = f"imap_capability = {self.capability}" if self.capability else ""
        return _DOVECOT.format(
            folder=self.folder,
            port=self.port,
            tls_port=self.tls_port,
            login=login,
            ours=ours,
            uid=self.owner.pw_uid,
            gid=self.owner.pw_gid,
            group=group,
            offered=offered,
            password=PASSWORD.replace("%", "%%"),  # their sign for variables
        )


class Postfix:
    """One server that takes mail for a domain by SMTP and hands it to us by LMTP; what is for `piped@` to a command.

    The command writes down what it is given: who runs the tests is root, as whom Postfix runs nothing.
    """

    def __init__(self, lmtp: int, domain: str) -> None:
        self.folder = open_folder("klarfall-postfix-")
        self.port = free_port()
        for name in ("queue", "data", "conf"):
            (self.folder / name).mkdir()
        (self.folder / "piped").mkdir()
        (self.folder / "piped").chmod(0o777)
        shutil.chown(self.folder / "data", "postfix")
        (self.folder / "conf/main.cf").write_text(self._main(lmtp, domain))
        (self.folder / "conf/master.cf").write_text(self._master())

    def command(self, program: str, *more: str) -> subprocess.CompletedProcess:
        folder = Path(str(POSTFIX)).parent
        conf = str(self.folder / "conf")
        flag = "-C" if program == "sendmail" else "-c"
        return subprocess.run([folder / program, flag, conf, *more], capture_output=True, text=True, check=False)

    def start(self) -> None:
        done = self.command("postfix", "start")
        assert done.returncode == 0, done.stderr
        assert eventually(lambda: answers(self.port)), (self.folder / "log").read_text()

    def stop(self) -> None:
        self.command("postfix", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def waiting(self) -> str:
        """What stands in its queue."""
        return self.command("postqueue", "-j").stdout

    def piped(self) -> list[bytes]:
        """What the command was given on its standard input."""
        return [path.read_bytes() for path in (self.folder / "piped").iterdir() if path.stat().st_size]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _main(self, lmtp: int, domain: str) -> str:
        return f"""
compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {self.folder}/log
maillog_file_prefixes = {self.folder}
myhostname = mx.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = yes
virtual_mailbox_domains = {domain}
transport_maps = inline:{{ piped@{domain}=command: }}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
message_size_limit = 60000000
mailbox_size_limit = 0
recipient_delimiter = +
minimal_backoff_time = 1s
queue_run_delay = 300s
lmtp_destination_concurrency_failed_cohort_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
local_recipient_maps =
"""

    def _master(self) -> str:
        services = [f"127.0.0.1:{self.port} inet n - n - - smtpd", "postlog unix-dgram n - n - 1 postlogd"]
        services += ["pickup unix n - n 60 1 pickup", "qmgr unix n - n 300 1 qmgr", "showq unix n - n - - showq"]
        for name in ("cleanup", "bounce", "defer", "trace", "flush", "rewrite", "error", "retry", "anvil", "proxymap"):
            program = {"defer": "bounce", "trace": "bounce", "rewrite": "trivial-rewrite", "retry": "error"}
            limit = {"cleanup": "0", "flush": "0", "bounce": "0", "defer": "0", "trace": "0", "anvil": "1"}
            wake = "1000?" if name == "flush" else "-"
            private = "n" if name in ("cleanup", "flush") else "-"
            services.append(f"{name} unix {private} - n {wake} {limit.get(name, '-')} {program.get(name, name)}")
        command = f"/bin/dd of={self.folder}/piped/${{queue_id}} status=none"
        services.append(f"command unix - n n - - pipe flags=Rq user=nobody argv={command}")
        services += ["lmtp unix - - n - - lmtp", "smtp unix - - n - - smtp", "tlsmgr unix - - n 1000? 1 tlsmgr"]
        return "\n".join(services) + "\n"

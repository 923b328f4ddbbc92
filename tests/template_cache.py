"""
Remembers the freshly migrated database as SQL, because running all migrations takes ten times as long as loading it.

The memory is only valid for exactly these migrations, these packages and this version of PostgreSQL.
"""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".pytest_cache" / "migrated"


class TemplateCache:
    """The SQL of the migrated database for one folder of PostgreSQL's programs."""

    def __init__(self, programs: Path, owner: dict[str, Any]) -> None:
        self.programs = programs
        self.owner = owner
        self.file = FOLDER / f"{fingerprint(programs)}.sql"

    def load(self, database: str) -> bool:
        """Fills an empty database from memory; False if there is nothing to remember."""
        if not self.file.exists():
            return False
        # One transaction in one session: nothing is half loaded.
        self._run("psql", "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(self.file), database)
        return True

    def keep(self, database: str) -> None:
        """Remembers a migrated database; only the newest few memories stay."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(f".{os.getpid()}")
        self._run("pg_dump", "--no-owner", "--no-privileges", "--no-comments", "-f", str(draft), database)
        draft.replace(self.file)
        for old in sorted(FOLDER.glob("*.sql"), key=lambda file: file.stat().st_mtime)[:-4]:
            old.unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        who = {"PGHOST": self.owner["HOST"], "PGUSER": self.owner["USER"], "PGPASSWORD": self.owner["PASSWORD"]}
        subprocess.run([self.programs / program, *arguments], env=os.environ | who, check=True)


def fingerprint(programs: Path) -> str:
    """Returns a name for everything that decides what the migrated database looks like."""
    facts = hashlib.sha256(str(programs).encode())
    sources = sorted((ROOT / "klarfall").glob("*/migrations/*.py")) + sorted((ROOT / "klarfall").glob("*/models*"))
    files = [file for source in sources for file in (source.rglob("*.py") if source.is_dir() else [source])]
    for file in [*files, ROOT / "requirements.lock"]:
        facts.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return facts.hexdigest()[:16]

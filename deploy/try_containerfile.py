"""
Does by hand what building the Containerfile would do, as far as that is possible without a container engine.

    python deploy/try_containerfile.py /tmp/scratch

COPY and RUN happen in the folder, which stands for /app; what makes users and folders of the image is left out and
named. Then the command of HEALTHCHECK is compiled and `manage.py check` runs with the settings of the image.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("ARG", "FROM", "USER", "WORKDIR", "VOLUME", "EXPOSE")


def instructions() -> list[tuple[str, str]]:
    """Instruction and argument of every line; continued lines are joined."""
    text = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def copy(arguments: str, target: Path) -> None:
    """COPY: files into the folder, a folder's contents into its own."""
    *sources, place = [word for word in shlex.split(arguments) if not word.startswith("--")]
    for source in sources:
        here, there = ROOT / source, target / place
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, there / here.name)


def main() -> None:
    """Go through the Containerfile; the first thing that fails ends it with an error."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    for word, rest in instructions():
        if word == "COPY":
            copy(rest, target)
        elif word == "RUN" and "useradd" not in rest:
            print("RUN", rest)
            subprocess.run(["bash", "-euc", rest], cwd=target, env=environment, check=True)
        elif word == "ENV":
            for name, value in re.findall(r"(\w+)=(\S+)", rest):
                here = value.replace("/app", str(target)).replace("/data", f"{target}/data")
                environment[name] = here.replace("$PATH", environment["PATH"])
        elif word == "HEALTHCHECK":
            compile(rest.split("-c", 1)[1].split('"', 2)[2].rsplit('"', 1)[0], "HEALTHCHECK", "exec")
        elif word == "CMD":
            subprocess.run(["python", "manage.py", "check"], cwd=target, env=environment, check=True)
        else:
            print("left out:", word, rest)
            assert word in LEFT_OUT or "useradd" in rest, word


if __name__ == "__main__":
    main()

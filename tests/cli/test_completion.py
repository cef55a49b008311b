"""Shell completion, asked as the shells ask, and typed into a bash."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pgarbiter.cli import COMMANDS
from pgarbiter.cli.completing import rules
from pgarbiter.rules import registry

PROGRAM = Path(sys.executable).with_name("pgarbiter")
HEAVY = ("psycopg", "sqlalchemy", "alembic", "postgast", "ast_grep_py", "pydantic", "rich", "pgarbiter.arbiter")


def asked(line: str, shell: str = "bash") -> list[str]:
    """The answer for a line whose last word is being typed; a blank at its end begins a new one."""
    words = line.split()
    number = len(words) if line.endswith(" ") else len(words) - 1
    place = (words[-1] if number < len(words) else "") if shell == "fish" else str(number)
    environment = {"COMP_WORDS": line, "COMP_CWORD": place, "_PGARBITER_COMPLETE": f"{shell}_complete"}
    done = subprocess.run([PROGRAM], env=os.environ | environment, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.splitlines()


def test_commands_are_offered_with_what_they_do() -> None:
    assert asked("pgarbiter ") == [f"plain,{name}" for name in sorted(COMMANDS)]
    assert asked("pgarbiter che", "zsh") == ["plain", "check", COMMANDS["check"]]
    assert asked("pgarbiter che", "fish") == [f"plain,check\t{COMMANDS['check']}"]


@pytest.mark.parametrize(
    "before", ["check --select", "check --ignore", "check --select a --ignore", "repair --rule", "rule"]
)
def test_rules_are_offered_by_name_and_by_code(before: str) -> None:
    assert asked(f"pgarbiter {before} partial-") == ["plain,partial-index"]
    assert asked(f"pgarbiter {before} PGA10") == [f"plain,{code}" for code in registry() if code.startswith("PGA10")]


def test_the_rules_that_are_offered_are_those_that_exist() -> None:
    context, parameter = None, None
    offered = {(item.help, item.value) for item in rules(context, parameter, "")}  # type: ignore[arg-type]
    assert offered == {(info.code, info.name) for info in registry().values()}


def test_formats_severities_options_and_files_are_offered() -> None:
    assert asked("pgarbiter diff --format ma") == ["plain,markdown"]
    assert asked("pgarbiter check --fail-on ") == ["plain,error", "plain,warning", "plain,note"]
    assert asked("pgarbiter check --max-un") == ["plain,--max-unresolved", "plain,--max-unknown"]
    assert asked("pgarbiter check sr") == ["file,sr"]
    assert asked("pgarbiter explain src/a.") == ["file,src/a."]


def test_a_half_written_line_is_no_error() -> None:
    assert asked("pgarbiter nonsense --what che") == ["plain,check"]
    assert asked("pgarbiter check --max-unknown many --sel") == ["plain,--select"]


def test_nothing_heavy_is_imported_to_complete() -> None:
    code = f"""
import atexit, sys
atexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr))
sys.argv = ["pgarbiter"]
from pgarbiter.cli import main
main()
"""
    for line in ("pgarbiter che", "pgarbiter check --select no", "pgarbiter repair --pref"):
        environment = {
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split()) - 1),
            "_PGARBITER_COMPLETE": "bash_complete",
        }
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
        assert (done.stderr.strip(), bool(done.stdout)) == ("[]", True), line


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_is_what_its_shell_takes(shell: str) -> None:
    script = subprocess.run([PROGRAM, "completion", shell], capture_output=True, text=True, check=True).stdout
    assert f"_PGARBITER_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_another_shell_is_an_error() -> None:
    done = subprocess.run([PROGRAM, "completion", "tcsh"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_bash_completes_what_is_typed_into_it(tmp_path: Path) -> None:
    (tmp_path / "naïve file.sql").touch()
    environment = {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8",
        "PS1": "> ", "INPUTRC": "/dev/null",
    }  # fmt: skip
    terminal, other = pty.openpty()
    streams = {"stdin": other, "stdout": other, "stderr": other}
    command = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, start_new_session=True, **streams) as shell:
        os.close(other)
        try:
            typed(terminal, "eval \"$(pgarbiter completion bash)\"; echo read''y\n", "\nready")
            typed(terminal, "pgarbiter chec\t", "check ")
            typed(terminal, "--select partial-i\t", "--select partial-index ")
            typed(terminal, "na\t", "file.sql")
        finally:
            shell.kill()
            os.close(terminal)


def typed(terminal: int, keys: str, awaited: str) -> None:
    os.write(terminal, keys.encode())
    seen, deadline = "", time.monotonic() + 30
    while awaited not in seen.replace("\r", ""):
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode()

"""The GitHub action: the script of each step, run as a runner runs it, with what GitHub sets in the environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ (inputs|steps\.(\w+)\.outputs)\.([\w-]+) \}\}")
SCHEMA = "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);\n"
GOOD = "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING;\n"
BAD = "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (email) DO NOTHING;\n"
HOSTILE = ("$(touch stolen)", "`touch stolen`", '"; touch stolen; "', "--output=stolen", "a\ntouch stolen")
INSTALLED = str(Path(sys.executable).with_name("pgarbiter"))


@dataclass(frozen=True)
class Ended:
    """What a run of the action leaves behind. `outputs` are those of the action."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """Runs composite steps in a project of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.temp = path / "project", path / "temp"
        self.temp.mkdir()
        (self.path / "db").mkdir(parents=True)
        (self.path / ".git").mkdir()
        (self.path / "db" / "schema.sql").write_text(SCHEMA)
        (self.path / "app.sql").write_text(BAD)

    def run(self, environment: dict[str, str] | None = None, **inputs: str) -> Ended:
        """The steps in turn; a step that fails ends the run."""
        given = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | {"command": INSTALLED}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        steps: dict[str, dict[str, str]] = {}
        summary = self.temp / "summary.md"
        code, log = 0, ""
        for step in STEPS:
            output = self.temp / f"output-{step['id']}"
            output.write_text("")
            script = self.temp / f"{step['id']}.sh"
            script.write_text(step["run"])
            own = {name: _value(text, given, steps) for name, text in step["env"].items()}
            commit = {"GITHUB_SERVER_URL": "https://host", "GITHUB_REPOSITORY": "o/n", "GITHUB_SHA": "abc"}
            files = {"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary, "RUNNER_TEMP": self.temp}
            done = subprocess.run(
                ("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)),  # GitHub's `shell: bash`
                cwd=self.path,
                env={
                    **os.environ,
                    "XDG_CACHE_HOME": str(self.temp / "cache"),
                    **{k: str(v) for k, v in files.items()},
                    **commit,
                    **own,
                    **(environment or {}),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            steps[step["id"]] = dict(line.split("=", 1) for line in output.read_text().splitlines())
            code, log = done.returncode, log + done.stdout + done.stderr
            if code:
                break
        outputs = {name: _value(entry["value"], given, steps) for name, entry in ACTION["outputs"].items()}
        return Ended(code, log, outputs, summary.read_text() if summary.exists() else "")


def _value(text: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    """An expression of GitHub's, which may be nothing but one input or output."""
    found = EXPRESSION.fullmatch(text)
    assert found is not None, text
    return inputs[found[3]] if found[1] == "inputs" else steps.get(found[2], {}).get(found[3], "")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_no_script_has_an_expression_in_it() -> None:
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    used = {
        match[3] for step in STEPS for text in step["env"].values() for match in [EXPRESSION.fullmatch(text)] if match
    }
    assert set(ACTION["inputs"]) <= used


def test_findings_are_annotated_summed_up_and_counted(runner: Runner) -> None:
    ended = runner.run()
    assert "](https://host/o/n/blob/abc/app.sql#L" in ended.summary
    assert ended.code == 1
    assert ended.outputs["exit-code"] == "1"
    assert int(ended.outputs["findings"]) >= 1
    assert "::error file=app.sql,line=1" in ended.log
    assert "no unique index" in ended.summary
    sarif = json.loads(Path(ended.outputs["sarif"]).read_text("utf-8"))
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]


def test_a_clean_project_passes(runner: Runner) -> None:
    (runner.path / "app.sql").write_text(GOOD)
    ended = runner.run(sarif_file="out/of.sarif" if (runner.path / "out").mkdir() is None else "")
    assert (ended.code, ended.outputs["exit-code"], ended.outputs["findings"]) == (0, "0", "0")
    assert ended.outputs["sarif"] == str(runner.path / "out" / "of.sarif")
    assert Path(ended.outputs["sarif"]).exists()


def test_paths_arguments_and_settings_reach_the_command(runner: Runner) -> None:
    (runner.path / "with blanks").mkdir()
    (runner.path / "with blanks" / "good.sql").write_text(GOOD)
    ended = runner.run(
        paths="with blanks\n\n", schema="sql:db/schema.sql", arguments="--ignore\nPGA999", fail_on="note"
    )
    assert ended.code == 2
    assert 'rule "PGA999" does not exist' in ended.log
    assert runner.run(paths="with blanks\r\n", schema="sql:db/schema.sql", arguments="--select\nPGA101").code == 0
    assert runner.run(working_directory="with blanks", schema="sql:../db/schema.sql").code == 0


def test_a_baseline_lets_known_findings_pass(runner: Runner) -> None:
    written = subprocess.run(
        (INSTALLED, "baseline", "update", "--baseline", "known.json"),
        cwd=runner.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert written.returncode == 0, written.stderr
    assert runner.run(baseline="known.json").code == 0


def test_a_live_database_is_named_in_no_argument(runner: Runner, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("CREATE UNIQUE INDEX ON users (email)")
    spy = runner.temp / "spy"
    spy.write_text(
        f'#!/bin/bash\nprintf "%s\\n" "$@" > "{runner.temp}/arguments"\n'
        f'env > "{runner.temp}/env"\nexec "{INSTALLED}" "$@"\n'
    )
    spy.chmod(0o755)
    ended = runner.run(database_url=f"{database} password=hunter2", command=str(spy))
    assert ended.code == 0, ended.log
    assert "hunter2" not in (runner.temp / "arguments").read_text() + ended.log + ended.summary
    assert "PGARBITER_CHECK_DATABASE_URL=" in (runner.temp / "env").read_text()


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "name", ["paths", "schema", "fail_on", "baseline", "sarif_file", "working_directory", "version"]
)
def test_no_input_is_run(runner: Runner, name: str, hostile: str) -> None:
    spy = runner.temp / "spy"
    spy.write_text("#!/bin/bash\nexit 2\n")  # the scripts are what is tried here
    spy.chmod(0o755)
    runner.run(**{"command": "" if name == "version" else str(spy), name: hostile})
    assert not list(runner.path.rglob("stolen"))


def test_a_version_that_is_none_ends_before_anything_is_installed(runner: Runner) -> None:
    for version in (" @ https://example.org/x.whl", "==1 --index-url https://example.org", "; touch x"):
        ended = runner.run(command="", version=version)
        assert ended.code == 2
        assert "::error::the version is not of the form ==0.1.0" in ended.log


def test_it_is_installed_into_an_environment_of_its_own(runner: Runner) -> None:
    spies = runner.temp / "bin"
    spies.mkdir()
    place = spies / "python3"  # stands in for `python3 -m venv` alone, since there is no registry here
    place.write_text(
        '#!/bin/bash\nif [ "$1 $2" = \'-m venv\' ]; then mkdir -p "$3/bin"; '
        f'printf \'#!/bin/bash\\necho "$@" >> "{runner.temp}/pip"\\n\' > "$3/bin/python"; chmod +x "$3/bin/python"; '
        f'ln -s "{INSTALLED}" "$3/bin/pgarbiter"; else exec {sys.executable} "$@"; fi\n'
    )
    place.chmod(0o755)
    ended = runner.run({"PATH": f"{spies}:{os.environ['PATH']}"}, command="", version="==0.1.0")
    assert ended.code == 1, ended.log
    assert (runner.temp / "pip").read_text().split()[-1] == "pgarbiter[embedded]==0.1.0"


def test_what_source_code_says_is_no_command_to_the_runner(runner: Runner) -> None:
    (runner.path / "::error::owned.sql").write_text(BAD)
    log = runner.run().log
    shown = log.partition("::stop-commands::")[2]
    token, _, rest = shown.partition("\n")
    text, _, after = rest.partition(f"::{token}::")
    assert "::error::owned.sql" in text
    assert "\n::error::owned" not in after


def test_a_run_that_could_not_be_says_so_and_has_no_count(runner: Runner) -> None:
    for ended in (runner.run(schema="sql:nowhere.sql"), runner.run(working_directory="nowhere")):
        assert ended.code == 2
        assert (ended.outputs["exit-code"], ended.outputs["findings"], ended.outputs["sarif"]) == ("2", "", "")
        assert "::error title=pgarbiter::" in ended.log


def test_the_gate_is_asked_where_the_commit_that_runs_is_named(runner: Runner) -> None:
    (runner.path / ".git").rmdir()
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    (runner.path / "db" / "schema.sql").unlink()
    (runner.path / "db" / "migrations").mkdir()
    (runner.path / "db" / "migrations" / "0001_init.sql").write_text(SCHEMA)
    (runner.path / "app.sql").write_text(GOOD)
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message=x")):
        subprocess.run((*git, *command), cwd=runner.path, check=True)
    (runner.path / "db" / "migrations" / "0002_key.sql").write_text("ALTER TABLE users DROP CONSTRAINT users_pkey;\n")
    schema = "sql:db/migrations"
    ended = runner.run(schema=schema, gate_base="HEAD", arguments="--ignore\nPGA1")
    assert ended.outputs["gate-exit-code"] == "1"
    assert ended.code == 1
    assert "::error file=db/migrations/0002_key.sql,line=1,title=pgarbiter gate::" in ended.log
    assert "0002" in ended.summary
    code_first = runner.run(schema=schema, gate_base="HEAD", gate_arguments="--order\ncode-first", arguments="--bad")
    assert (code_first.code, code_first.outputs["exit-code"], code_first.outputs["gate-exit-code"]) == (2, "2", "1")
    unknown = runner.run(schema=schema, gate_base="-nowhere")
    assert (unknown.code, unknown.outputs["gate-exit-code"]) == (2, "2")
    assert 'revision "-nowhere" is not known to git' in unknown.log
    assert "gate could not run" in unknown.log.replace("::", " ")

"""The house rules that no linter knows."""

import ast
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def sources() -> list[Path]:
    return sorted(ROOT.joinpath("checks").rglob("*.py"))


def test_the_list_of_packages_is_complete() -> None:
    found = {".".join(["pgarbiter", *p.parent.relative_to(ROOT / "checks").parts]) for p in sources()}
    assert sorted(found) == sorted(PROJECT["tool"]["setuptools"]["packages"])


def test_the_alembic_directory_does_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


@pytest.mark.parametrize("path", [*sources(), *sorted((ROOT / "tests").rglob("*.py"))], ids=str)
def test_nothing_imports_the_package_as_checks(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    assert "checks" not in names


def test_the_launcher_works_beside_a_foreign_checks_package(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    (tmp_path / "cli.py").write_text("raise SystemExit('the wrong launcher')")
    command = [sys.executable, ROOT / "cli.py", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "pgarbiter")


def test_the_version_stands_in_one_place() -> None:
    done = subprocess.run([sys.executable, "-m", "pgarbiter", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip().split()[1] in (ROOT / "CHANGELOG.md").read_text()


def test_heavy_libraries_are_not_imported_before_they_are_used() -> None:
    heavy = "psycopg", "sqlalchemy", "alembic", "postgast", "ast_grep_py", "pydantic", "rich"
    code = f"import sys, pgarbiter.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what packages are made of, with one of the tests, on a path with a blank."""
    copy = tmp_path_factory.mktemp("packages") / "a tree"
    for name in ("checks", "alembic"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests").mkdir()
    own = "tests/test_packaging.py", "alembic.ini", "cli.py", "pyproject.toml", "MANIFEST.in", "LICENSE"
    for name in (*own, "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def _built(hook: str, tree: Path, directory: Path) -> Path:
    """What setuptools makes of it."""
    code = f"import sys; from setuptools import build_meta; print(build_meta.{hook}(sys.argv[1]))"
    command = [sys.executable, "-c", code, directory]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
    return directory / done.stdout.split()[-1]


def _data() -> set[str]:
    """All files of the package: its modules, and what they read."""
    files = (path for path in ROOT.joinpath("checks").rglob("*") if path.is_file())
    return {path.relative_to(ROOT / "checks").as_posix() for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_package_and_nothing_else(tree: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(_built("build_wheel", tree, tmp_path)) as wheel:
        names = wheel.namelist()
    tops = {name.split("/")[0] for name in names}
    shipped = {name.removeprefix("pgarbiter/") for name in names if name.startswith("pgarbiter/")}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pgarbiter"}
    assert shipped == _data()


def test_the_source_distribution_holds_what_a_wheel_is_made_of_and_no_test(tree: Path, tmp_path: Path) -> None:
    with tarfile.open(_built("build_sdist", tree, tmp_path)) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert {name.removeprefix("checks/") for name in names if name.startswith("checks/")} == _data()
    assert {name for name in names if name.startswith("tests/")} == set()
    assert names >= {
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "alembic.ini",
        "alembic/env.py",
        "cli.py",
    }

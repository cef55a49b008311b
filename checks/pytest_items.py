"""One test for each write site: collected by a scan, judged once for all by the database that a fixture gives."""

from __future__ import annotations

import io
import os
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from .errors import PgArbiterError
from .model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .arbiter.model import BoundSite
    from .model import WriteSite
    from .report.model import Report
    from .rules.model import Finding
    from .settings import Settings

_FIXTURE = "pgarbiter_database_url"
_ROLE = "PGARBITER_CHECK_ROLE"  # as for `pgarbiter check`
_ELSEWHERE = "pgarbiter: what is in no file"


class FindingsError(Exception):
    """Findings at or above the severity that fails; the text is for people."""


class Sites:
    """The plugin proper: what a scan has found, and the report, which the first test that runs asks for."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._names: dict[Path, dict[str, WriteSite]] | None = None
        self._report: Report | PgArbiterError | None = None

    def prepare(self) -> None:
        """Say at once what is wrong with the settings, before workers of pytest-xdist start. Raises UsageError."""
        missing = next((path for path in self.paths if not path.exists()), None)
        if missing is not None:
            raise pytest.UsageError(f'pgarbiter: path "{missing}" does not exist')
        _ = self.settings

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A file that is named on the command line, as a test that failed is run again."""
        if not parent.session.isinitpath(file_path) or file_path not in self.names:
            return None
        return SiteFile.from_parent(parent, path=file_path, sites=self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """All write sites after the tests, unless the command line names some; -k and the like choose among them."""
        if any(isinstance(item, SiteItem) for item in items):
            return
        above = self._above(session, items)
        added: list[pytest.Item] = []
        for path in sorted(self.names):
            added.extend(SiteFile.from_parent(above, path=path, sites=self).collect())
        added.append(RestItem.from_parent(above, name=_ELSEWHERE, callobj=_body(self, None)))
        items.extend(added)
        # By which those who count what is collected (the terminal does) know of them.
        told = pytest.CollectReport(above.nodeid, "passed", None, list(added))
        session.ihook.pytest_collectreport(report=told)

    def _above(self, session: pytest.Session, items: Sequence[pytest.Item]) -> pytest.Collector:
        """The directory of the conftest.py that overrides our fixture: only what is below it sees that."""
        wanted = {_FIXTURE, self._config.getini("pgarbiter_fixture")}
        modules = [plugin for plugin in self._config.pluginmanager.get_plugins() if hasattr(plugin, "__file__")]
        own = [
            Path(module.__file__).parent
            for module in modules
            if Path(module.__file__ or "").name == "conftest.py" and wanted & set(vars(module))
        ]
        if not own:
            return session
        path = min(own, key=lambda path: (len(path.parts), path))
        nodes = (node for item in items for node in item.iter_parents() if isinstance(node, pytest.Directory))
        return next((node for node in nodes if node.path == path), session)

    @property
    def paths(self) -> list[Path]:
        """Where the application is."""
        return self._config.getini("pgarbiter_paths") or [self._config.rootpath]

    @cached_property
    def settings(self) -> Settings:
        """Those of the project. Raises UsageError for a settings file that cannot be read."""
        from .settings import load  # noqa: PLC0415 - only with --pgarbiter

        given = {
            "fail_on": self._config.getini("pgarbiter_fail_on"),
            "role": self._config.getini("pgarbiter_role") or os.environ.get(_ROLE, ""),
        }
        try:
            return load(self.paths[0], overrides={name: value for name, value in given.items() if value})
        except PgArbiterError as error:
            raise pytest.UsageError(_told(error)) from None

    @property
    def names(self) -> dict[Path, dict[str, WriteSite]]:
        """The sites of each file by the names of their tests. Raises UsageError for a path that is not there."""
        if self._names is None:
            from .begun import root_of  # noqa: PLC0415
            from .run import scan  # noqa: PLC0415

            try:
                found, root = scan(self.paths, self.settings), root_of(self.paths)
            except PgArbiterError as error:
                raise pytest.UsageError(_told(error)) from None
            files: dict[Path, list[WriteSite]] = defaultdict(list)
            for site in found.sites:
                if site.span.path is not None and site.status is not Status.NOT_POSTGRES:
                    files[root / site.span.path].append(site)
            self._names = {path: dict(_named(sites)) for path, sites in files.items()}
        return self._names

    def report(self, request: pytest.FixtureRequest) -> Report:
        """The report on the database, made once. Raises what a fixture raises, and PgArbiterError."""
        if self._report is None:
            from .pytest_database import url_of  # noqa: PLC0415

            chosen = self._config.getoption("pgarbiter_database_url")
            url = url_of(chosen or request.getfixturevalue(_FIXTURE))
            self._report = self._judged(url)
        if isinstance(self._report, PgArbiterError):
            raise self._report
        return self._report

    def _judged(self, url: str | None) -> Report | PgArbiterError:
        from dataclasses import replace  # noqa: PLC0415

        from .begun import root_of  # noqa: PLC0415
        from .report.seen import seen_from  # noqa: PLC0415
        from .run import check  # noqa: PLC0415

        try:
            report = check(self.paths, replace(self.settings, database_url=url or self.settings.database_url))
        except PgArbiterError as error:
            return error  # told by each test, without another attempt
        return seen_from(report, f"{Path(os.path.relpath(root_of(self.paths), self._config.rootpath)).as_posix()}/")

    def outcome(self, site: WriteSite | None, request: pytest.FixtureRequest) -> None:
        """Raise what the test of a site comes to; of None what belongs to no site of a file."""
        report = self.report(request)
        own = {each.id for sites in self.names.values() for each in sites.values()}
        if site is not None:
            findings = [finding for finding in report.findings if finding.site == site.id]
        else:
            findings = [finding for finding in report.findings if finding.site not in own]
        _raise(findings, self.settings, report)
        if site is not None:
            _leave_open(next((bound for bound in report.bound or () if bound.site.id == site.id), None))
        elif unread := [failed for failed in report.scan.failed if failed.unforeseen]:
            raise FindingsError("\n".join(f"{failed.path}: {failed.reason}" for failed in unread))


class SiteFile(pytest.File):
    """A file of the application."""

    def __init__(self, *, sites: Sites, **others: Any) -> None:
        super().__init__(**others)
        self._sites = sites

    @override
    def collect(self) -> Iterator[SiteItem]:
        """A test for each write site, in their order."""
        for name, site in self._sites.names[self.path].items():
            item = SiteItem.from_parent(self, name=name, callobj=_body(self._sites, site))
            item.line = site.span.line
            yield item


class SiteItem(pytest.Function):
    """The test of one write site."""

    line = 0

    @override
    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The place of the site, of which lines are counted from 0 here."""
        return self.path, self.line - 1, self.name

    @override
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Findings as text, since no line of any test is at fault."""
        error = excinfo.value
        if isinstance(error, FindingsError):
            return str(error)
        return _told(error) if isinstance(error, PgArbiterError) else super().repr_failure(excinfo)


class RestItem(SiteItem):
    """The test of what stands in no file: findings about the database, sites inside of it, files that are unread."""


def _body(sites: Sites, site: WriteSite | None) -> Any:
    def body(request: pytest.FixtureRequest) -> None:
        __tracebackhide__ = True
        sites.outcome(site, request)

    return body


def _named(sites: Sequence[WriteSite]) -> Iterator[tuple[str, WriteSite]]:
    """Names that are the same in every process, and stay while lines move: `upsert into users on (email)`."""
    from .report.essence import essence  # noqa: PLC0415 - with --pgarbiter only

    seen: Counter[str] = Counter()
    for site in sites:
        name = "".join(c if c.isprintable() and c not in ":[]" else "_" for c in essence(site))
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} #{seen[name]}"), site


def _raise(findings: Sequence[Finding], settings: Settings, report: Report) -> None:
    from .rules.model import Severity  # noqa: PLC0415

    limit = Severity(settings.fail_on).rank
    if not any(finding.severity.rank <= limit for finding in findings):
        return
    from .report.page import Page  # noqa: PLC0415

    stream = io.StringIO()
    page = Page(stream)
    for finding in findings:
        place = f"{finding.span.place}  " if finding.span else ""
        page.line(finding.message, label=f"{place}{finding.severity} {finding.code}  ")
        page.line(finding.effect, indent=2, label="effect  ")
        page.line(finding.remedy, indent=2, label="remedy  ")
        for related in finding.related:
            page.line(related, indent=2, label="      - ")
    page.line(_where(report))
    raise FindingsError(stream.getvalue().rstrip())


def _where(report: Report) -> str:
    told = [
        f"{one.schema.source} on PostgreSQL {one.server.version} ({one.server.source})"
        for one in report.sources
        if one.server.version
    ]
    return f"decided by {', '.join(told)}"


def _leave_open(bound: BoundSite | None) -> None:
    from .arbiter.model import Outcome  # noqa: PLC0415

    if bound is None:
        pytest.skip("the site is not there any more: the file has changed meanwhile")
    if bound.site.is_open:
        pytest.skip(f"{bound.site.span.place} is unresolved: {bound.site.reason or bound.verdict.reason}")
    if bound.verdict.outcome is Outcome.UNKNOWN:
        pytest.xfail(f"cannot tell: {bound.verdict.reason}")


def _told(error: PgArbiterError) -> str:
    return f"pgarbiter: {error.message}" + (f"\nhint: {error.hint}" if error.hint else "")

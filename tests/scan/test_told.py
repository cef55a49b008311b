"""SQL that is only printed, logged, raised or shown is no site; what is also executed is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

_SQL = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
_PRINTED = "a string that is printed or logged, not executed"
_RAISED = "the message of an error, not executed"
_COMPARED = "a string that is compared, not executed"
_SHOWN = "a text that a page shows, not executed"


def _scanned(tmp_path: Path, name: str, source: str) -> tuple[list[str], list[str]]:
    """The tables of the sites of one file, and the reasons of what is none."""
    (tmp_path / name).write_text(source)
    result = scan([tmp_path], Settings(), explain=True)
    return [str(site.write.table) for site in result.sites], [one.reason for one in result.skipped]


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("a.js", f"console.log('run this: ', `{_SQL}`)\n", _PRINTED),
        ("a.ts", f"this.logger.warn(`{_SQL} of ${{name}}`)\n", _PRINTED),
        ("a.ts", f"function f() {{ throw new DatabaseError('{_SQL}') }}\n", _RAISED),
        ("a.ts", f"reject(new Error('{_SQL}'))\n", _RAISED),
        ("a.tsx", f"const x = <pre>{{`{_SQL}`}}</pre>\n", _SHOWN),
        ("a.tsx", f"const x = <Code text={{`{_SQL}`}} />\n", _SHOWN),
        ("a.ts", f"const sql = `{_SQL}`\nconsole.error('run', sql)\nconsole.log(`${{sql}};`)\n", _PRINTED),
        ("a.py", f"print('''{_SQL}''')\n", _PRINTED),
        ("a.py", f"logging.getLogger('x').info('%s', '{_SQL}')\n", _PRINTED),
        ("a.py", f"self._log.debug(f'{_SQL} {{x}}')\n", _PRINTED),
        ("a.py", f"raise ValueError('{_SQL}')\n", _RAISED),
        ("a.py", f"def f():\n    sql = '{_SQL}'\n    print('Run this:')\n    print(sql)\n", _PRINTED),
        ("a.py", f"sys.stderr.write('{_SQL}')\n", _PRINTED),
        ("a.py", f"click.echo('{_SQL}')\n", _PRINTED),
        ("a.go", f"package a\nfunc f() {{ log.Printf(`{_SQL}: %v`, err) }}\n", _PRINTED),
        ("a.go", f"package a\nfunc f() {{ fmt.Println(`{_SQL}`) }}\n", _PRINTED),
        ("a.go", f"package a\nfunc f() error {{ return fmt.Errorf(`{_SQL}: %w`, err) }}\n", _RAISED),
        ("a.go", f"package a\nfunc f() {{ log.Error().Str(`a`, `b`).Msg(`{_SQL}`) }}\n", _PRINTED),
        ("a.rb", f"puts '{_SQL}'\n", _PRINTED),
        ("a.rb", f'Rails.logger.info "{_SQL}"\n', _PRINTED),
        ("a.rb", f"raise ArgumentError, '{_SQL}'\n", _RAISED),
        ("a.rb", f"puts <<~SQL\n  {_SQL}\nSQL\n", _PRINTED),
        ("a.php", f"<?php echo '{_SQL}';\n", _PRINTED),
        ("a.php", f"<?php Log::info('{_SQL}');\n", _PRINTED),
        ("a.php", f"<?php throw new \\RuntimeException('{_SQL}');\n", _RAISED),
        ("a.php", f"<?php class A {{ function f() {{ $this->info('{_SQL}'); }} }}\n", _PRINTED),
        ("A.java", f'class A {{ void f() {{ System.out.println("{_SQL}"); }} }}\n', _PRINTED),
        ("A.java", f'class A {{ void f() {{ LOGGER.debug("{_SQL}", x); }} }}\n', _PRINTED),
        ("A.java", f'class A {{ void f() {{ throw new IllegalStateException("{_SQL}"); }} }}\n', _RAISED),
        ("a.kt", f'fun f() {{ println("{_SQL}") }}\n', _PRINTED),
        ("a.kt", f'fun f() {{ logger.info("{_SQL}") }}\n', _PRINTED),
        ("a.kt", f'fun f() {{ throw IllegalStateException("{_SQL}") }}\n', _RAISED),
        ("a.scala", f'object A {{ def f = println("{_SQL}") }}\n', _PRINTED),
        ("a.scala", f'object A {{ def f = throw new RuntimeException("{_SQL}") }}\n', _RAISED),
        ("a.cs", f'class A {{ void F() {{ Console.WriteLine("{_SQL}"); }} }}\n', _PRINTED),
        ("a.cs", f'class A {{ void F() {{ _logger.LogInformation("{_SQL}"); }} }}\n', _PRINTED),
        ("a.cs", f'class A {{ void F() {{ throw new InvalidOperationException("{_SQL}"); }} }}\n', _RAISED),
        ("a.rs", f'fn f() {{ println!("{_SQL}"); }}\n', _PRINTED),
        ("a.rs", f'fn f() {{ tracing::info!("{_SQL}"); }}\n', _PRINTED),
        ("a.rs", f'fn f() {{ panic!("{_SQL}"); }}\n', _PRINTED),
        ("a.ex", f'defmodule A do\n  def f, do: IO.puts("{_SQL}")\nend\n', _PRINTED),
        ("a.ex", f'defmodule A do\n  def f do\n    Logger.info("{_SQL}")\n  end\nend\n', _PRINTED),
        ("a.ex", f'defmodule A do\n  def f do\n    raise "{_SQL}"\n  end\nend\n', _RAISED),
        ("a.swift", f'func f() {{ print("{_SQL}") }}\n', _PRINTED),
        ("a.dart", f"void f() {{ print('{_SQL}'); }}\n", _PRINTED),
        ("a.dart", f"void f() {{ throw Exception('{_SQL}'); }}\n", _RAISED),
        ("a.sh", f'echo "{_SQL}"\n', _PRINTED),
        ("a.ts", f"expect(run).to.have.been.calledWith('{_SQL}')\n", _COMPARED),
        ("a.ts", f"expect(query).toBeCalledWith('{_SQL}')\n", _COMPARED),
        ("a.ts", f"expect(sql).toBe('{_SQL}')\n", _COMPARED),
        ("a.py", f"class T:\n    def test(self):\n        self.assertEqual(sql, '{_SQL}')\n", _COMPARED),
        ("a.py", f"assert_that(sql).is_equal_to('{_SQL}')\n", _COMPARED),
        ("a.rs", f'fn f() {{ assert_eq!(sql, "{_SQL}"); }}\n', _COMPARED),
        ("A.java", f'class A {{ void f() {{ verify(jdbc).update("{_SQL}"); }} }}\n', _COMPARED),
        ("a_test.go", f"package a\nfunc f() {{ require.JSONEq(t, sql, `{_SQL}`) }}\n", _COMPARED),
        ("a.sh", f'if true; then echo "{_SQL}" >&2; fi\n', _PRINTED),
    ],
)
def test_what_is_only_told_to_people_is_no_site(tmp_path: Path, name: str, source: str, reason: str) -> None:
    tables, reasons = _scanned(tmp_path, name, source)
    assert tables == []
    assert set(reasons) == {reason}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.ts", f"const sql = `{_SQL}`\nconsole.log(sql)\nawait db.query(sql)\n"),
        ("a.ts", f"export const sql = `{_SQL}`\nconsole.log(sql)\n"),
        ("a.ts", f"console.log(await db.query(`{_SQL}`))\n"),
        ("a.ts", f"logger.info('done', () => db.query(`{_SQL}`))\n"),
        ("a.tsx", f"const x = <a onClick={{() => db.exec(`{_SQL}`)}}>x</a>\n"),
        ("a.ts", f"expect(await db.query('{_SQL}')).toBeDefined()\n"),
        ("a.ts", f"require('./db').run('{_SQL}')\n"),
        ("a.ts", f"catalog.info(`{_SQL}`)\n"),
        ("a.py", f"print('{_SQL}', file=out)\n"),
        ("a.py", f"out.write('{_SQL}')\n"),
        ("a.py", f"SQL = '{_SQL}'\nprint(SQL)\n"),
        ("a.py", f"print(run('{_SQL}'))\n"),
        ("a.py", f"def f():\n    sql = '{_SQL}'\n    print(sql)\n    cur.execute(sql)\n"),
        ("a.rb", f"file.puts '{_SQL}'\n"),
        ("a.go", f"package a\nfunc f() {{ fmt.Fprintf(w, `{_SQL}`) }}\n"),
        ("a.rs", f'fn f() {{ run(dbg!("{_SQL}")); }}\n'),
        ("A.java", f'class A {{ void f() {{ writer.println("{_SQL}"); }} }}\n'),
        ("a.sh", f'echo "{_SQL}" | psql\n'),
        ("a.sh", f'echo "{_SQL}" > seed.sql\n'),
        ("a.sh", f'rows() {{\n  echo "{_SQL}"\n}}\nrows | psql\n'),
        ("a.sh", f'psql -c "$(echo "{_SQL}")"\n'),
    ],
)
def test_what_may_also_come_to_a_database_is_a_site(tmp_path: Path, name: str, source: str) -> None:
    tables, reasons = _scanned(tmp_path, name, source)
    assert tables == ["t"]
    assert reasons == []

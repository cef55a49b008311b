"""MyBatis: mappers of XML, and statements in annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

CLAUSE = "ON CONFLICT (a) DO NOTHING"


def _mapper(body: str, namespace: str = "shop.UserMapper") -> str:
    doctype = '<!DOCTYPE mapper PUBLIC "-//mybatis.org//DTD Mapper 3.0//EN" "mybatis-3-mapper.dtd">'
    return f'<?xml version="1.0" encoding="GBK"?>\n{doctype}\n<mapper namespace="{namespace}">\n{body}\n</mapper>\n'


def _target(site: WriteSite) -> tuple[str, ...] | None:
    target = site.write.target
    return target.columns if isinstance(target, InferenceClause) else None


def test_parts_that_may_be_left_out_are_taken_for_there(sites: Sites) -> None:
    body = f"""<insert id="put">
  INSERT INTO t <trim prefix="(" suffix=")" suffixOverrides=","><if test="a">a,</if><if test="b">b,</if></trim>
  <trim prefix="VALUES (" suffix=")" suffixOverrides=","><if test="a">#{{a}},</if><if test="b">#{{b}},</if></trim>
  {CLAUSE}
</insert>"""
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert (site.status, site.write.columns, _target(site)) == (Status.RESOLVED, ("a", "b"), ("a",))
    assert (site.statement_line, site.span.line, site.span.column) == (5, 7, 3)


def test_set_and_where_lose_what_stands_at_their_ends(sites: Sites) -> None:
    body = """<update id="put">INSERT INTO t (a, b) VALUES (#{a}, #{b}) ON CONFLICT (a) DO UPDATE
<set><if test="b != null">b = excluded.b,</if></set><where><if test="b != null">AND t.b &lt; 5</if></where></update>"""
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert (site.status, site.write.set_columns) == (Status.RESOLVED, ("b",))


def test_each_of_several_choices_is_a_statement(sites: Sites) -> None:
    body = """<insert id="put">INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT
<choose><when test="x">(a)</when><otherwise>(b)</otherwise></choose> DO NOTHING</insert>"""
    assert [_target(site) for site in sites({"UserMapper.xml": _mapper(body)})] == [("a",), ("b",)]


def test_rows_of_a_loop_are_one_row(sites: Sites) -> None:
    body = f"""<insert id="put">insert into t (a) values
<foreach collection="rows" item="row" separator=",">(#{{row.a,jdbcType=VARCHAR}})</foreach> {CLAUSE}</insert>"""
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert (site.status, site.span.line, _target(site)) == (Status.RESOLVED, 5, ("a",))


def test_fragments_are_put_in_with_their_properties_and_from_other_mappers(sites: Sites) -> None:
    body = f"""<sql id="into">INSERT INTO ${{table}} (<include refid="shop.CommonMapper.columns"/>)</sql>
<insert id="put"><include refid="into"><property name="table" value="users"/></include> VALUES (1) {CLAUSE}</insert>"""
    common = _mapper('<sql id="columns">a</sql>', "shop.CommonMapper")
    (site,) = sites({"x/UserMapper.xml": _mapper(body), "y/CommonMapper.xml": common})
    assert (str(site.write.table), site.write.columns, site.status) == ("users", ("a",), Status.RESOLVED)


def test_a_table_that_is_put_in_at_run_time_is_not_known(sites: Sites) -> None:
    body = f'<insert id="put">INSERT INTO ${{table}} (a) VALUES (#{{a}}) {CLAUSE}</insert>'
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert (site.status, _target(site)) == (Status.UNRESOLVED, ("a",))


def test_statements_for_another_database_are_told_by_their_id(sites: Sites) -> None:
    body = f"""<insert id="put" databaseId="mysql">INSERT INTO t (a) VALUES (1)</insert>
<insert id="put" databaseId="postgresql">INSERT INTO t (a) VALUES (1)
<if test="_databaseId == 'postgresql'">{CLAUSE}</if><if test="_databaseId == 'mysql'">ON DUPLICATE KEY</if></insert>"""
    assert [site.status for site in sites({"UserMapper.xml": _mapper(body)})] == [Status.NOT_POSTGRES, Status.RESOLVED]


def test_a_key_that_is_selected_before_is_no_part_of_the_statement(sites: Sites) -> None:
    body = f"""<insert id="put"><selectKey keyProperty="id">select nextval('s')</selectKey>
<bind name="x" value="y"/><!-- INSERT INTO nothing (x) VALUES (1) -->
<![CDATA[INSERT INTO t (a) VALUES (1) {CLAUSE}]]></insert>"""
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert (str(site.write.table), site.span.line) == ("t", 6)


ENTITIES = '<!DOCTYPE mapper [<!ENTITY a "{}">{}]>\n<mapper><insert id="i">INSERT INTO &{}; (a)</insert></mapper>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))
HOSTILE = (
    ENTITIES.format("t", "", "a"),
    ENTITIES.format("t", '<!ENTITY l0 "ha">' + LAUGHS, "l19"),
    '<!DOCTYPE mapper [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<mapper><insert>INSERT INTO &x;</insert></mapper>',
    "<mapper>" + "<if>" * 100_000 + "INSERT INTO t (a) VALUES (1)",
    "<mapper><insert>INSERT INTO t (a) VALUES (1)",
    "<mapper></insert>INSERT INTO t",
    "",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_document_does_no_harm(text: str, tmp_path: Path) -> None:
    (tmp_path / "UserMapper.xml").write_text(text, "utf-8")
    result = scan([tmp_path], Settings(), explain=True)
    assert (result.sites, result.failed) == ((), ())
    assert len(result.skipped) == ("INSERT INTO" in text)


def test_fragments_that_include_each_other_end(sites: Sites) -> None:
    body = """<sql id="a"><include refid="b"/></sql><sql id="b"><include refid="a"/></sql>
<insert id="put">INSERT INTO t (<include refid="a"/>) VALUES (1)</insert>"""
    (site,) = sites({"UserMapper.xml": _mapper(body)})
    assert str(site.write.table) == "t"


def test_other_documents_have_no_statements(sites: Sites) -> None:
    assert not sites({"log.xml": f"<changeSet><sql>INSERT INTO t (a) VALUES (1) {CLAUSE}</sql></changeSet>"})


def _annotated(annotation: str) -> dict[str, str]:
    return {
        "UserMapper.java": f'interface UserMapper {{\n  String T = "t";\n  {annotation}\n  int put(User user);\n}}\n'
    }


def test_strings_of_an_annotation_are_joined(sites: Sites) -> None:
    (site,) = sites(_annotated(f'@Insert({{"INSERT INTO", T, "(a) VALUES (#{{a}})",\n    "{CLAUSE}"}})'))
    assert (str(site.write.table), site.statement_line, site.span.line) == ("t", 3, 4)


def test_a_script_in_an_annotation_is_read_as_a_mapper_is(sites: Sites) -> None:
    script = f"""@Insert(\"\"\"
    <script>
    INSERT INTO t (a) VALUES
    <foreach collection="list" item="x" separator=",">(#{{x}})</foreach>
    {CLAUSE}
    </script>\"\"\")"""
    (site,) = sites(_annotated(script))
    assert (_target(site), site.statement_line, site.span.line, site.span.column) == (("a",), 5, 7, 5)

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, AnyArbiter, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]


def _only(sites: Sites, statement: str, **files: str) -> WriteSite:
    (site,) = sites({"a.php": f"<?php\n\n{statement}\n", **files})
    return site


def test_the_target_is_whatever_unique_constraints_the_database_has(sites: Sites) -> None:
    call = (
        "Yii::$app->db->createCommand()->upsert('{{%page}}', ['url' => $u, 'visits' => 0], ['visits' => 1])->execute();"
    )
    site = _only(sites, call)
    assert str(site.write.table) == "page"
    assert isinstance(site.write.target, Unresolved)
    assert site.write.action is Action.UPDATE
    assert site.write.columns == ("url", "visits")
    assert site.write.set_columns == ("visits",)
    assert site.status is Status.UNRESOLVED


def test_without_an_update_any_conflict_is_ignored(sites: Sites) -> None:
    statement = "$command = $db->createCommand();\n$command->upsert('app.page', ['url' => 'u'], false);"
    site = _only(sites, statement)
    assert isinstance(site.write.target, AnyArbiter)
    assert str(site.write.table) == "app.page"
    assert site.status is Status.RESOLVED


def test_a_prefix_that_is_set_elsewhere_is_not_guessed(sites: Sites) -> None:
    settings = "<?php\nreturn ['tablePrefix' => getenv('PREFIX')];\n"
    site = _only(sites, "$db->createCommand()->upsert('{{%page}}', $row, false);", **{"config/db.php": settings})
    assert site.write.table is None


def test_an_upsert_of_anything_else_is_none_of_yii_s(sites: Sites) -> None:
    assert sites({"a.php": "<?php\n\n$index->upsert('page', ['a' => 1]);\n"}) == ()

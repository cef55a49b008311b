from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status
from pgarbiter.scan.declarations.laravel_names import table_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_POST = """<?php

namespace App\\Models;

use Illuminate\\Database\\Eloquent\\Model;

class BlogPost extends Model
{
    protected $attributes = ['state' => 'draft'];

    public function comments()
    {
        return $this->hasMany(Comment::class);
    }

    public function notes()
    {
        return $this->morphMany(Comment::class, 'notable');
    }

    public function authors()
    {
        return $this->belongsToMany(Author::class);
    }
}
"""
_COMMENT = """<?php

namespace App\\Models;

class Comment extends \\Illuminate\\Database\\Eloquent\\Model
{
    use \\Illuminate\\Database\\Eloquent\\Concerns\\HasUuids;

    const UPDATED_AT = null;
    protected $table = 'feedback.comments';
}
"""
_MODELS = {"app/Models/BlogPost.php": _POST, "app/Models/Comment.php": _COMMENT}


def _all(sites: Sites, body: str, **files: str) -> tuple[WriteSite, ...]:
    code = (
        "<?php\n\nnamespace App\\Jobs;\n\nuse App\\Models\\{BlogPost, Comment};\n"
        "use Illuminate\\Support\\Facades\\DB;\n\n"
        f"class Save\n{{\n{body}\n}}\n"
    )
    return sites({**_MODELS, "app/Jobs/Save.php": code, **files})


def _only(sites: Sites, statement: str, parameters: str = "$rows", **files: str) -> WriteSite:
    body = f"    public function handle({parameters})\n    {{\n        {statement}\n    }}"
    (site,) = _all(sites, body, **files)
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_eloquent_adds_its_timestamps_to_rows_and_to_what_is_set(sites: Sites) -> None:
    site = _only(sites, "BlogPost::upsert([['slug' => 's', 'title' => 't']], 'slug', ['title']);")
    assert str(site.write.table) == "blog_posts"
    assert site.write.columns == ("slug", "title", "created_at", "updated_at")
    assert site.write.set_columns == ("title", "updated_at")
    assert _columns(site) == ("slug",)
    assert site.status is Status.RESOLVED


def test_the_query_builder_adds_nothing_and_sets_all_of_the_first_row(sites: Sites) -> None:
    site = _only(sites, "DB::table('app.hits')->upsert([['page' => 'p', 'n' => 1]], ['page']);")
    assert str(site.write.table) == "app.hits"
    assert site.write.columns == ("page", "n")
    assert site.write.set_columns == ("page", "n")


def test_arguments_are_taken_by_their_names(sites: Sites) -> None:
    site = _only(sites, "DB::table('t')->upsert(values: $rows, uniqueBy: ['a', 'b'], update: ['c', 'd' => 1]);")
    assert _columns(site) == ("a", "b")
    assert site.write.set_columns == ("c", "d")


def test_a_model_says_its_table_its_ids_and_that_it_has_no_time_of_update(sites: Sites) -> None:
    site = _only(sites, "Comment::query()->upsert([['text' => 'x']], ['text'], []);")
    assert str(site.write.table) == "feedback.comments"
    assert site.write.columns == ("text", "created_at", "id")
    assert site.mechanism is Mechanism.PLAIN_INSERT


def test_ignoring_has_no_target(sites: Sites) -> None:
    site = _only(sites, "$q = DB::table('tags');\n        $q->insertOrIgnore(['name' => 'a']);")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING
    assert site.write.columns == ("name",)


def test_rows_of_a_query_are_ignored_by_columns(sites: Sites) -> None:
    site = _only(sites, "DB::table('tags')->insertOrIgnoreUsing(['name', 'n'], DB::table('old')->select('a', 'b'));")
    assert site.write.columns == ("name", "n")


def test_update_or_create_looks_up_by_its_attributes(sites: Sites) -> None:
    site = _only(sites, "BlogPost::where('draft', true)->updateOrCreate(['slug' => 's'], ['title' => 't']);")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("slug",)
    assert site.write.columns == ("slug", "title", "state", "created_at", "updated_at")
    assert site.write.set_columns == ("title", "updated_at")


def test_create_or_first_inserts_before_it_looks_up(sites: Sites) -> None:
    site = _only(sites, "BlogPost::createOrFirst(['slug' => 's']);")
    assert site.mechanism is Mechanism.INSERT_THEN_SELECT
    assert site.write.action is Action.NOTHING


def test_rows_of_a_relation_have_its_foreign_key(sites: Sites) -> None:
    site = _only(sites, "$post->comments()->firstOrCreate(['text' => 't']);", "BlogPost $post")
    assert str(site.write.table) == "feedback.comments"
    assert site.key_columns == ("blog_post_id", "text")


def test_rows_of_a_polymorphic_relation_have_its_two_columns(sites: Sites) -> None:
    site = _only(sites, "$post->notes()->updateOrCreate([], ['text' => 't']);", "BlogPost $post")
    assert site.key_columns == ("notable_type", "notable_id")


def test_a_relation_over_another_table_is_not_guessed(sites: Sites) -> None:
    site = _only(sites, "$post->authors()->firstOrCreate(['name' => 'n']);", "BlogPost $post")
    assert site.write.table is None
    assert "belongsToMany" in (site.reason or "")


def test_a_row_that_grows_is_read(sites: Sites) -> None:
    body = """$values = [];
        foreach ($rows as $row) {
            $values[] = ['a' => $row['x'], 'b' => 1];
        }
        DB::table('t')->upsert($values, ['a']);"""
    site = _only(sites, body)
    assert site.write.columns == ("a", "b")
    assert site.status is Status.RESOLVED


def test_a_method_of_another_class_is_followed_to_its_calls(sites: Sites) -> None:
    store = """<?php

namespace App;

use Illuminate\\Support\\Facades\\DB;

class Store
{
    public static function write(string $table, array $rows, array $key): void
    {
        DB::table($table)->upsert($rows, $key);
    }
}
"""
    body = "    public function handle()\n    {\n        \\App\\Store::write('t', [['a' => 1]], ['a']);\n    }"
    found = _all(sites, body, **{"app/Store.php": store})
    called = next(site for site in found if site.span.path == "app/Jobs/Save.php")
    assert str(called.write.table) == "t"
    assert _columns(called) == ("a",)
    assert [site.followed for site in found if site is not called] == [1]


def test_the_environment_says_another_database(sites: Sites) -> None:
    site = _only(sites, "DB::table('t')->upsert($rows, ['a']);", **{".env.example": "DB_CONNECTION=mysql\n"})
    assert site.status is Status.NOT_POSTGRES
    assert site.reason == "DB_CONNECTION in .env.example is mysql"


def test_a_project_that_knows_pgsql_may_be_run_on_it(sites: Sites) -> None:
    files = {".env.example": "DB_CONNECTION=mysql\n", "app/Sql.php": "<?php\nif ($driver === 'pgsql') { go(); }\n"}
    assert _only(sites, "DB::table('t')->upsert($rows, ['a']);", **files).status is Status.PARTIAL


def test_a_connection_is_known_by_its_driver(sites: Sites) -> None:
    settings = "<?php\n\nreturn ['connections' => ['logs' => ['driver' => 'sqlite']]];\n"
    statement = "DB::connection('logs')->table('t')->insertOrIgnore($rows);"
    site = _only(sites, statement, **{"config/database.php": settings})
    assert site.reason == 'connection "logs" is one to SQLite'


@pytest.mark.parametrize(
    "statement",
    [
        "$index->upsert('key', $rows);",
        "$index->upsert($rows);",
        "// DB::table('t')->upsert($rows, ['a']);",
        "$factory->updateOrCreate(['a' => 1]);",
    ],
)
def test_other_calls_are_no_writes_of_laravel(sites: Sites, statement: str) -> None:
    factory = "<?php\n\nnamespace App;\n\nclass Factory\n{\n    public function go() {}\n}\n"
    body = f"    public function handle(\\Couchbase\\Bucket $index, \\App\\Factory $factory, $rows) {{ {statement}\n }}"
    assert _all(sites, body, **{"app/Factory.php": factory}) == ()


@pytest.mark.parametrize(
    ("model", "table"),
    [
        ("Flight", "flights"),
        ("OrderStatus", "order_statuses"),
        ("Person", "people"),
        ("UserInformation", "user_information"),
        ("Leaf", "leaves"),
        ("SearchIndex", "search_indices"),
        ("Hero", "heroes"),
        ("Analysis", "analyses"),
        ("Cafe", "cafes"),
        ("Software", "software"),
        ("UserAPI", "user_a_p_i_s"),
        ("OAuthClient", "o_auth_clients"),
        ("Staff", "staff"),
    ],
)
def test_tables_are_named_as_laravel_does(model: str, table: str) -> None:
    assert table_name(model) == table

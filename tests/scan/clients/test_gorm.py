from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

HEAD = """package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)
"""
DEVICE = """
type Device struct {
	ID        uint64 `gorm:"primaryKey"`
	Serial    string `gorm:"uniqueIndex;column:serial_no"`
	OwnerID   uint
	Owner     Owner
	Tags      []Tag `gorm:"many2many:device_tags"`
	Meta      map[string]string `gorm:"serializer:json"`
	Hidden    string `gorm:"-"`
	ReadOnly  string `gorm:"->"`
	CreatedAt time.Time
	UpdatedAt time.Time
	secret    string
}

type Owner struct {
	gorm.Model
	Name string
}
type Tag struct{ Name string }
"""


def _only(sites: Sites, statement: str, declared: str = DEVICE, **files: str) -> WriteSite:
    source = f"{HEAD}{declared}\nfunc save(ctx context.Context, db *gorm.DB, rows []Device) error {{\n{statement}\n}}\n"
    (site,) = sites({"store/save.go": source, **files})
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


ON_SERIAL = 'clause.OnConflict{Columns: []clause.Column{{Name: "serial_no"}}, DoNothing: true}'


def test_a_parameter_is_a_row_of_its_type(sites: Sites) -> None:
    site = _only(sites, f"return db.WithContext(ctx).Clauses({ON_SERIAL}).CreateInBatches(rows, 100).Error")
    assert str(site.write.table) == "devices"
    assert _columns(site) == ("serial_no",)
    assert site.write.action is Action.NOTHING
    assert site.status is Status.RESOLVED


def test_relations_and_hidden_fields_are_no_columns(sites: Sites) -> None:
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error")
    assert site.write.columns == ("serial_no", "owner_id", "meta", "created_at", "updated_at")
    assert site.write.optional == ("id",)


def test_a_key_that_the_literal_gives_is_written(sites: Sites) -> None:
    site = _only(sites, f'return db.Clauses({ON_SERIAL}).Create(&Device{{ID: 7, Serial: "x"}}).Error')
    assert site.write.columns is not None
    assert "id" in site.write.columns
    assert site.write.optional == ()
    assert site.write.rows == 1


def test_update_all_sets_all_but_the_key_and_the_time_of_creation(sites: Sites) -> None:
    site = _only(sites, "return db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows).Error")
    assert _columns(site) == ("id",)
    assert site.write.set_columns == ("serial_no", "owner_id", "meta", "updated_at")


@pytest.mark.parametrize(
    ("updates", "columns"),
    [
        ('clause.AssignmentColumns([]string{"owner_id", "meta"})', ("owner_id", "meta")),
        ('clause.Assignments(map[string]interface{}{"owner_id": gorm.Expr("devices.owner_id + 1")})', ("owner_id",)),
        ('clause.Set{{Column: clause.Column{Name: "meta"}, Value: 1}}', ("meta",)),
        (
            'append(clause.Assignments(map[string]any{"a": 1}), clause.AssignmentColumns([]string{"b"})...)',
            ("a", "b"),
        ),
    ],
)
def test_the_columns_of_set_are_those_of_do_updates(sites: Sites, updates: str, columns: tuple[str, ...]) -> None:
    clause = f'clause.OnConflict{{Columns: []clause.Column{{{{Name: "id"}}}}, DoUpdates: {updates}}}'
    site = _only(sites, f"return db.Clauses({clause}).Create(&rows).Error")
    assert site.write.set_columns == columns
    assert site.write.set_complete


def test_an_update_without_columns_has_no_target(sites: Sites) -> None:
    clause = 'clause.OnConflict{DoUpdates: clause.AssignmentColumns([]string{"meta"})}'
    site = _only(sites, f"return db.Clauses({clause}).Create(&rows).Error")
    assert site.write.target == AnyArbiter()
    assert site.write.action is Action.UPDATE


def test_a_constraint_is_named_as_it_stands(sites: Sites) -> None:
    site = _only(
        sites, 'return db.Clauses(clause.OnConflict{OnConstraint: "UQ_x", DoNothing: true}).Create(&rows).Error'
    )
    assert site.write.target == NamedConstraint("uq_x")


def test_a_predicate_of_the_target_is_read_and_its_values_are_bound(sites: Sites) -> None:
    conditions = 'clause.Expr{SQL: "deleted_at IS NULL"}, clause.Eq{Column: "kind", Value: "a"}'
    where = f"clause.Where{{Exprs: []clause.Expression{{{conditions}}}}}"
    clause = f'clause.OnConflict{{Columns: []clause.Column{{{{Name: "id"}}}}, TargetWhere: {where}, DoNothing: true}}'
    target = _only(sites, f"return db.Clauses({clause}).Create(&rows).Error").write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "deleted_at IS NULL AND kind = 'a'"
    assert target.predicate_parameters


def test_a_raw_column_may_be_an_expression(sites: Sites) -> None:
    clause = 'clause.OnConflict{Columns: []clause.Column{{Name: "lower(name)", Raw: true}}, DoNothing: true}'
    target = _only(sites, f"return db.Clauses({clause}).Create(&rows).Error").write.target
    assert isinstance(target, InferenceClause)
    assert [element.expression for element in target.elements] == ["lower(name)"]


def test_a_table_named_in_the_chain_wins_over_the_model(sites: Sites) -> None:
    site = _only(sites, f'return db.Table("archive.devices_2024").Clauses({ON_SERIAL}).Create(&rows).Error')
    assert str(site.write.table) == "archive.devices_2024"


def test_a_method_in_another_file_names_the_table(sites: Sites) -> None:
    names = """package store

func (d *Device) TableName() string { return prefix + "devices" }

const prefix = "iot."
"""
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error", **{"store/names.go": names})
    assert str(site.write.table) == "iot.devices"


def test_a_table_name_that_is_computed_is_not_guessed(sites: Sites) -> None:
    more = {"store/names.go": "package store\n\nfunc (d *Device) TableName() string { return tenant() }\n"}
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error", **more)
    assert site.write.table is None
    assert "TableName" in (site.reason or "")


def test_the_projects_naming_strategy_counts(sites: Sites) -> None:
    strategy = 'schema.NamingStrategy{TablePrefix: "app.t_", SingularTable: true}'
    config = f"package main\n\nvar c = gorm.Config{{NamingStrategy: {strategy}}}\n"
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error", **{"cmd/main.go": config})
    assert str(site.write.table) == "app.t_device"


def test_models_of_another_package_are_found_by_the_module_path(sites: Sites) -> None:
    model = """package models

import "gorm.io/gorm"

type Account struct {
	gorm.Model
	Email string `gorm:"default:null"`
	Kind  string `gorm:"default:'basic'"`
}
"""
    source = f"""package store

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	dbm "example.com/app/internal/models"
)

type Store struct{{ db *gorm.DB }}

func (s *Store) Save(a *dbm.Account) error {{
	return s.db.Clauses({ON_SERIAL}).Create(a).Error
}}
"""
    (site,) = sites({
        "go.mod": "module example.com/app\n",
        "internal/models/account.go": model,
        "internal/store/store.go": source,
    })  # fmt: skip
    assert str(site.write.table) == "accounts"
    assert site.write.columns == ("created_at", "updated_at", "deleted_at", "kind")
    assert site.write.optional == ("id", "email")


def test_an_embedded_struct_of_a_library_leaves_the_columns_open(sites: Sites) -> None:
    declared = "\ntype Device struct {\n\tshared.Base\n\tSerial string\n}\n"
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error", declared)
    assert site.status is Status.PARTIAL
    assert "Base" in (site.reason or "")


def test_embedded_fields_take_their_prefix(sites: Sites) -> None:
    declared = """
type Device struct {
	ID  string
	Pos Point `gorm:"embedded;embeddedPrefix:pos_"`
	Kind Kind
}
type Point struct{ X, Y float64 }
type Kind string
"""
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).Create(&rows).Error", declared)
    assert site.write.columns == ("id", "pos_x", "pos_y", "kind")


def test_selected_columns_are_the_ones_that_are_written(sites: Sites) -> None:
    site = _only(sites, f'return db.Select("Serial", "owner_id").Clauses({ON_SERIAL}).Create(&rows).Error')
    assert site.write.columns == ("serial_no", "owner_id", "created_at", "updated_at")


def test_a_map_writes_its_keys(sites: Sites) -> None:
    row = 'map[string]interface{}{"Serial": 1, "meta": 2}'
    site = _only(sites, f"return db.Model(&Device{{}}).Clauses({ON_SERIAL}).Create({row}).Error")
    assert str(site.write.table) == "devices"
    assert site.write.columns == ("serial_no", "meta")


def test_a_statement_that_is_put_together_in_steps_is_one_site(sites: Sites) -> None:
    site = _only(sites, f"tx := db.Clauses({ON_SERIAL})\n\ttx = tx.Debug()\n\treturn tx.Create(&rows).Error")
    assert _columns(site) == ("serial_no",)


def test_a_clause_that_a_function_makes_is_followed(sites: Sites) -> None:
    declared = f"""{DEVICE}
func on(names ...string) clause.OnConflict {{
	return clause.OnConflict{{Columns: []clause.Column{{{{Name: names[0]}}}}, UpdateAll: true}}
}}
"""
    site = _only(sites, 'return db.Clauses(on("serial_no")).Create(&rows).Error', declared)
    assert _columns(site) == ("serial_no",)


def test_columns_that_a_caller_gives_make_each_call_a_site(sites: Sites) -> None:
    source = f"""{HEAD}{DEVICE}
func upsert(db *gorm.DB, rows interface{{}}, key string) error {{
	on := clause.OnConflict{{Columns: []clause.Column{{{{Name: key}}}}, UpdateAll: true}}
	return db.Clauses(on).Create(rows).Error
}}

func all(db *gorm.DB, devices []Device, owner *Owner) {{
	upsert(db, &devices, "serial_no")
	upsert(db, owner, "id")
}}
"""
    wrapper, devices, owner = sites({"store/save.go": source})
    assert wrapper.followed == 2
    assert (str(devices.write.table), _columns(devices)) == ("devices", ("serial_no",))
    assert (str(owner.write.table), _columns(owner)) == ("owners", ("id",))


def test_first_or_create_is_a_lookup_and_an_insert(sites: Sites) -> None:
    site = _only(sites, 'return db.Where("serial_no = ? AND owner_id = ?", 1, 2).FirstOrCreate(&Device{}).Error')
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("serial_no", "owner_id")
    assert str(site.write.table) == "devices"


def test_first_or_create_takes_conditions_as_arguments(sites: Sites) -> None:
    site = _only(sites, 'var d Device\n\treturn db.FirstOrCreate(&d, Device{Serial: "x"}).Error')
    assert site.key_columns == ("serial_no",)


def test_first_or_create_behind_a_conflict_clause_is_an_upsert(sites: Sites) -> None:
    site = _only(sites, f"return db.Clauses({ON_SERIAL}).FirstOrCreate(&rows[0]).Error")
    assert site.mechanism is Mechanism.ON_CONFLICT


def test_other_clauses_are_no_upsert(sites: Sites) -> None:
    source = f"{HEAD}{DEVICE}\nfunc f(db *gorm.DB, d *Device) {{\n\tdb.Clauses(clause.Returning{{}}).Create(d)\n}}\n"
    assert sites({"store/save.go": source}) == ()


def test_save_upserts_by_the_primary_key(sites: Sites) -> None:
    site = _only(sites, "return db.Save(&rows).Error")
    assert _columns(site) == ("id",)
    assert site.write.action is Action.UPDATE
    assert "UPDATE before it" in (site.reason or "")


def test_save_of_another_library_is_no_write(sites: Sites) -> None:
    source = f"{HEAD}{DEVICE}\nfunc save(cache *lru.Cache, d *Device) {{\n\tcache.Save(&d)\n}}\n"
    assert sites({"store/save.go": source}) == ()


def test_gorm_1_writes_its_option_behind_the_values(sites: Sites) -> None:
    option = '"ON CONFLICT (serial_no) DO UPDATE SET meta = excluded.meta"'
    site = _only(sites, f'return db.Set("gorm:insert_option", {option}).Create(&rows[0]).Error')
    assert str(site.write.table) == "devices"
    assert _columns(site) == ("serial_no",)
    assert site.write.set_columns == ("meta",)


def test_what_a_function_returns_is_told_apart_by_position(sites: Sites) -> None:
    declared = f"""{DEVICE}
func made() (*Device, *Owner, error) {{
	if failed() {{
		return nil, nil, nil
	}}
	return find(), &Owner{{}}, nil
}}
"""
    site = _only(sites, f"d, o, err := made()\n\tdb.Clauses({ON_SERIAL}).Create(&o)\n\treturn err", declared)
    assert str(site.write.table) == "owners"
    site = _only(sites, f"d, _, err := made()\n\tdb.Clauses({ON_SERIAL}).Create(&d)\n\treturn err", declared)
    assert str(site.write.table) == "devices"

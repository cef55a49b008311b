"""Tables of Django models: names, columns and keys as django.db.models declares them.

Names follow Django 5.2: db.models.options.Options.contribute_to_class, db.models.base.ModelBase.__new__.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clients.reading import path_of, text, told
from ..values import Class, Constant, Opaque
from .django_apps import app_label
from .django_fields import UNKNOWN, field_of
from .django_names import split_table, truncated
from .lineage import is_annotation, lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value
    from .lineage import Lineage

# Bases that declare no columns, and the columns of those that do (django.contrib.auth).
_PLAIN = frozenset({"Model", "PostgresModel", "PostgresPartitionedModel", "PermissionsMixinBase"})
_LIBRARY_COLUMNS = {
    "AbstractBaseUser": ("password", "last_login"),
    "PermissionsMixin": ("is_superuser",),
    "AbstractUser": (
        "password", "last_login", "is_superuser", "username", "first_name", "last_name", "email", "is_staff",
        "is_active", "date_joined",
    ),
}  # fmt: skip
_OTHERS = {
    "mptt.models.MPTTModel": ("lft", "rght", "tree_id", "level"),
    "model_utils.models.TimeStampedModel": ("created", "modified"),
    "django_extensions.db.models.TimeStampedModel": ("created", "modified"),
}
_HOMES = ("django.", "psqlextra.")
_NO_MODELS = frozenset({"abc", "typing", "typing_extensions", "enum", "dataclasses", "builtins", "object"})
_OTHER_LIBRARIES = frozenset({
    "tortoise", "peewee", "playhouse", "sqlalchemy", "sqlmodel", "piccolo", "mongoengine", "pydantic", "ormar", "edgy",
    "gino", "flask_sqlalchemy", "odoo", "pony", "beanie", "redis_om", "pynamodb",
})  # fmt: skip
# Models of Django and its best-known companion by their paths: table, columns without a generated key, other key.
_CONTRIB = {
    "django.contrib.auth.models.User": ("auth_user", _LIBRARY_COLUMNS["AbstractUser"], ""),
    "django.contrib.auth.models.Group": ("auth_group", ("name",), ""),
    "django.contrib.auth.models.Permission": ("auth_permission", ("name", "content_type", "codename"), ""),
    "django.contrib.contenttypes.models.ContentType": ("django_content_type", ("app_label", "model"), ""),
    "django.contrib.sites.models.Site": ("django_site", ("domain", "name"), ""),
    "django.contrib.flatpages.models.FlatPage": (
        "django_flatpage",
        ("url", "title", "content", "enable_comments", "template_name", "registration_required"),
        "",
    ),
    "django.contrib.redirects.models.Redirect": ("django_redirect", ("site", "old_path", "new_path"), ""),
    "rest_framework.authtoken.models.Token": ("authtoken_token", ("user", "created"), "key"),
}
_FOREIGN = frozenset({"content_type", "site", "user"})
ID = ColumnDeclaration("id", "id", "id", primary=True, generated=True)


def is_model(value: Value, resolve: Resolve) -> bool:
    """Whether a resolved value is a model of Django: a class of the project, or one of django.contrib."""
    if not isinstance(value, Class):
        return path_of(value) in _CONTRIB
    return _is_django(lineage_of(value, resolve))


def _is_django(lineage: Lineage) -> bool:
    return any(_is_model_base(path_of(other) or "") for other in lineage.others)


def _is_model_base(path: str) -> bool:
    name = path.rpartition(".")[2]
    if path.partition(".")[0] in _OTHER_LIBRARIES:
        return False
    if path in _CONTRIB:
        return True
    if path.startswith(_HOMES) or path == "models.Model":
        return name in _PLAIN or name in _LIBRARY_COLUMNS or name.endswith("Model")
    return ".models." in path or path.endswith((".TimeStampedModel", ".MPTTModel", ".PolymorphicModel"))


def read_model(value: Value, resolve: Resolve) -> TableDeclaration | Undeclared:
    """The table of a resolved model, its columns by the names of its fields; the reason where there is none."""
    if not isinstance(value, Class):
        return _of_contrib(path_of(value) or "", value)
    lineage = lineage_of(value, resolve)
    meta = _meta(value, lineage, resolve)
    if _is_abstract(value):
        return Undeclared(f'"{value.name}" is an abstract model: the table is that of the model derived from it')
    concrete: list[Value] = [one for one in lineage.classes[1:] if _is_concrete(one, resolve)]
    concrete += [other for other in lineage.others if path_of(other) in _CONTRIB]
    if concrete and _is_true(meta.attribute("proxy") if meta else None):
        return read_model(concrete[0], resolve)
    if concrete:
        return Undeclared(f'"{value.name}" is kept in several tables, since it inherits from {told(concrete[0])}')
    name = _table_name(value, meta, resolve)
    if isinstance(name, Undeclared):
        return name
    schema, table = split_table(name)
    columns, complete = _columns(lineage, resolve)
    if not any(column.primary for column in columns) and not _has_composite_key(lineage):
        columns = (ID, *columns)
    keys = tuple(column.name for column in columns if column.primary)
    return TableDeclaration(table, schema, columns, primary_key=keys or None, complete=complete, mapped=True)


def _of_contrib(path: str, value: Value) -> TableDeclaration | Undeclared:
    if path not in _CONTRIB:
        return Undeclared(f"the model is {told(value)}")
    table, names, key = _CONTRIB[path]
    first = ColumnDeclaration(key, key, key, primary=True) if key else ID
    columns = [_library_column(name, foreign=name in _FOREIGN) for name in names]
    return TableDeclaration(table, None, (first, *columns), primary_key=(first.name,), mapped=True)


def _library_column(name: str, *, foreign: bool = False) -> ColumnDeclaration:
    column = f"{name}_id" if foreign else name
    return ColumnDeclaration(name, column, column)


def _is_concrete(one: Class, resolve: Resolve) -> bool:
    return not _is_abstract(one) and _is_django(lineage_of(one, resolve))


def _own_meta(one: Class) -> Class | None:
    found = next((value for key, value in reversed(one.body) if key == "Meta"), None)
    return found if isinstance(found, Class) else None


def _is_abstract(one: Class) -> bool:
    """A base's `abstract` is not inherited, so the class's own Meta alone decides."""
    meta = _own_meta(one)
    return meta is not None and _is_true(dict(meta.body).get("abstract"))


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Constant) and value.value is True


def _meta(start: Class, lineage: Lineage, resolve: Resolve) -> Lineage | None:
    """The class's Meta with its bases; without one of its own, that of the nearest abstract base."""
    own = _own_meta(start)
    if own is None:
        inherited = (_own_meta(one) for one in lineage.classes[1:] if _is_abstract(one))
        own = next((meta for meta in inherited if meta is not None), None)
    return lineage_of(own, resolve) if own is not None else None


def _table_name(start: Class, meta: Lineage | None, resolve: Resolve) -> str | Undeclared:
    given = meta.attribute("db_table") if meta else None
    if given is not None:
        name = text(given, resolve)
        return name if name is not None else Undeclared(f'the table of "{start.name}" is {told(resolve(given))}')
    label = _label(start, meta, resolve)
    return label if isinstance(label, Undeclared) else truncated(f"{label}_{start.name.lower()}")


def _label(start: Class, meta: Lineage | None, resolve: Resolve) -> str | Undeclared:
    given = meta.attribute("app_label") if meta else None
    if given is None:
        return app_label(start.path or "", resolve)
    return text(given, resolve) or Undeclared(f'the app label of "{start.name}" is computed')


def app_of(one: Class, resolve: Resolve) -> str | None:
    """The label of the app that a model belongs to."""
    label = _label(one, _meta(one, lineage_of(one, resolve), resolve), resolve)
    return label if isinstance(label, str) else None


def _columns(lineage: Lineage, resolve: Resolve) -> tuple[tuple[ColumnDeclaration, ...], bool]:
    """The columns of a model and its bases, and whether those are all."""
    found: dict[str, ColumnDeclaration] = {}
    complete = True
    for other in reversed(lineage.others):
        columns = _library_columns(other, lineage)
        found |= {column.attribute: column for column in columns or ()}
        complete = complete and columns is not None
    for one in reversed(lineage.classes):
        if not one.bases:  # a plain mixin: Django takes no fields from it
            continue
        for attribute, value in one.body:
            if is_annotation(value) or attribute == "Meta":
                continue
            field = field_of(attribute, value, resolve)
            found.pop(attribute, None)  # `name = None` takes an inherited field away
            if isinstance(field, ColumnDeclaration):
                found[attribute] = field
            complete = complete and field is not UNKNOWN
    return tuple(found.values()), complete


def _library_columns(base: Value, lineage: Lineage) -> tuple[ColumnDeclaration, ...] | None:
    """The columns that a base from a library declares; None when that is not known."""
    path = path_of(base) or ""
    name = path.rpartition(".")[2]
    if isinstance(base, Opaque) and base.source.startswith(("Generic[", "typing.Generic[")):
        return ()
    if path.partition(".")[0] in _NO_MODELS:
        return ()
    if (path.startswith(_HOMES) or path == "models.Model") and name in _PLAIN:
        return ()
    if path.startswith("django.contrib.auth.") and name in _LIBRARY_COLUMNS:
        return tuple(_library_column(one) for one in _LIBRARY_COLUMNS[name])
    if path == "mptt.models.MPTTModel" and lineage.attribute("MPTTMeta") is not None:
        return None  # which may name them otherwise
    return tuple(_library_column(one) for one in _OTHERS[path]) if path in _OTHERS else None


def _has_composite_key(lineage: Lineage) -> bool:
    given = lineage.attribute("pk")
    return given is not None


def by_name(table: TableDeclaration, name: str) -> ColumnDeclaration | None:
    """The column of a field by its name, its attribute (`author_id`), or `pk`."""
    if name == "pk":
        keys = [column for column in table.columns if column.primary]
        return keys[0] if len(keys) == 1 else None
    return table.by_attribute(name) or table.by_key(name)


def inserted(table: TableDeclaration, given: frozenset[str]) -> tuple[str, ...]:
    """The columns of an INSERT: every one but those that are left to the database and that no row gives."""
    return tuple(
        column.name
        for column in table.columns
        if not column.generated or {column.attribute, column.key} & given or (column.primary and "pk" in given)
    )

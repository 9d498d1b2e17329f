"""Only fields in the data catalogue exist, and none that we promised never to keep."""

import pytest
from django.conf import settings
from django.db import connection

from leerorkest.catalogue import ALLOWED_ALL_THE_SAME, CATALOGUE, FORBIDDEN, as_page, stored_fields


def test_every_field_stands_in_the_catalogue_once():
    missing = [f"{label}.{field.name}" for label, field in stored_fields() if not known(label, field.name)]
    assert not missing, f"say in leerorkest/catalogue.py what for, who sees it and until when: {', '.join(missing)}"
    for label, table in CATALOGUE.items():
        names = " ".join(table.fields.values()).split()
        assert len(names) == len(set(names)), label
        assert set(table.fields) <= {1, 2, 3, 4}, label


def known(label: str, name: str) -> bool:
    return label in CATALOGUE and CATALOGUE[label].class_of(name) is not None


def test_the_catalogue_names_nothing_that_does_not_exist():
    existing = {(label, field.name) for label, field in stored_fields()}
    named = {
        (label, name) for label, table in CATALOGUE.items() for names in table.fields.values() for name in names.split()
    }
    assert named - existing == set()


@pytest.mark.django_db
def test_the_database_has_no_column_that_no_model_knows():
    known_columns = {(field.model._meta.db_table, field.column) for _, field in stored_fields()}
    bookkeeping = {"django_migrations", "cache"}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - bookkeeping
        found = {
            (table, column.name)
            for table in tables
            for column in connection.introspection.get_table_description(cursor, table)
        }
    assert found - known_columns == set()


def test_no_field_has_the_name_of_something_we_never_keep():
    wrong = {
        f"{label}.{field.name}"
        for label, field in stored_fields()
        if FORBIDDEN.search(field.name) and f"{label}.{field.name}" not in ALLOWED_ALL_THE_SAME
    }
    assert wrong == set()


@pytest.mark.parametrize("name", ["bsn", "geboortedatum", "birth_date", "mobile_phone", "photo", "gezondheid"])
def test_the_lint_knows_a_forbidden_name(name):
    assert FORBIDDEN.search(name)


def test_the_page_about_privacy_is_the_catalogue():
    written = (settings.ROOT / "docs" / "privacy.md").read_text()
    assert written == as_page(), "run: ./run catalogue > docs/privacy.md"

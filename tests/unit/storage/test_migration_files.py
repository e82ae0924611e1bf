"""Which files are still to apply, and when the files and the database disagree."""

import pytest

from shared.storage.migrations import SHARED, MigrationError, pending, read


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "postings" / "migrations"
    made.mkdir(parents=True)
    (made / "0001_first.sql").write_text("CREATE TABLE a (x int)")
    (made / "0002_second.sql").write_text("CREATE TABLE b (x int)")
    return made


def applied(folder, *numbers):
    return {each.version: each.checksum for each in read(folder) if each.version[-4:] in numbers}


def todo(folder, have):
    return [each.version for each in pending(folder, read(folder), have)]


def test_in_order_and_named_after_the_service(folder):
    assert todo(folder, {}) == ["postings/0001", "postings/0002"]
    assert todo(folder, applied(folder, "0001")) == ["postings/0002"]
    assert todo(folder, applied(folder, "0001", "0002")) == []


def test_the_shared_ones_have_a_name_of_their_own():
    assert [each.version for each in read(SHARED)][:2] == ["shared/0001", "shared/0002"]


def test_other_namespaces_do_not_matter(folder):
    assert todo(folder, {"shared/0009": "x"}) == ["postings/0001", "postings/0002"]


def test_an_edited_file_is_refused(folder):
    have = applied(folder, "0001", "0002")
    (folder / "0001_first.sql").write_text("CREATE TABLE a (x bigint)")
    with pytest.raises(MigrationError, match=r"postings/0001 was edited after it was applied: restore it"):
        todo(folder, have)


def test_a_missing_file_is_refused(folder):
    have = applied(folder, "0001", "0002")
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match=r"the database has \['postings/0002'\], .* has not"):
        todo(folder, have)


def test_a_late_file_between_applied_ones_is_refused(folder):
    have = applied(folder, "0002")
    with pytest.raises(MigrationError, match=r"postings/0001 comes before postings/0002.*new number"):
        todo(folder, have)


def test_a_number_twice_is_refused(folder):
    (folder / "0002_other.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match="number 0002 is already"):
        read(folder)


def test_a_name_without_a_number_is_refused(folder):
    (folder / "late.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match=r"late\.sql: name it NNNN"):
        read(folder)


def test_line_endings_do_not_matter(folder):
    have = applied(folder, "0001", "0002")
    (folder / "0001_first.sql").write_bytes(b"CREATE TABLE a (x int)")
    assert todo(folder, have) == []

"""Named queries: what is wrong with a file is said when it is loaded, not when a request comes."""

import pytest

from shared.storage.queries import load, parse

GOOD = """
-- Queries of a test.

-- name: find_posting
-- The opening with this id.
SELECT *
FROM postings  -- all of them
WHERE posting_id = $1;

-- name: close_posting
-- Close it.
UPDATE postings SET status = 'closed' WHERE posting_id = $1
"""


def test_queries_by_name(tmp_path):
    path = tmp_path / "queries.sql"
    path.write_text(GOOD)
    queries = load(path)
    assert list(queries) == ["find_posting", "close_posting"]
    assert queries["close_posting"] == "/* close_posting */ UPDATE postings SET status = 'closed' WHERE posting_id = $1"
    assert queries["find_posting"].endswith("WHERE posting_id = $1")


def test_an_unknown_name_says_file_and_names(tmp_path):
    path = tmp_path / "queries.sql"
    path.write_text(GOOD)
    with pytest.raises(KeyError, match=r"no query 'find_postings' in .*queries\.sql; there are: close_posting, find"):
        load(path)["find_postings"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: a\nSELECT 1", "a needs a comment"),
        ("-- name: a\n", "a needs a comment"),
        ("-- name: a\n-- For nothing.\n", "a has no SQL"),
        ("-- name: A b\n-- x\nSELECT 1", "'A b' is not a valid name of a query"),
        ("-- name:\n-- x\nSELECT 1", "'' is not a valid name of a query"),
        ("-- name: a\n-- x\nSELECT 1\n-- name: a\n-- y\nSELECT 2", "a is defined twice"),
        ("SELECT 1\n-- name: a\n-- x\nSELECT 1", "SQL before the first"),
    ],
)
def test_a_bad_file_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(text, "queries.sql")

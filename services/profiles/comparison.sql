-- name: tables
-- Entries are those of the address book, and new ones; `at` is their order, in which the last one counts where a mark
-- leads to several. Facts are what each source tells of an entry at this point; records, what the list at hand has, by
-- its place there; matched, which entry each record is, and whether it tells anything new. Names and companies are
-- case-folded.
CREATE TABLE entries (
    at         INTEGER PRIMARY KEY,
    contact_id TEXT NOT NULL UNIQUE,
    stated     INTEGER NOT NULL,
    fresh      INTEGER NOT NULL,
    told       INTEGER NOT NULL DEFAULT 0,
    changed    INTEGER NOT NULL DEFAULT 0,
    link       TEXT,
    email      TEXT,
    name       TEXT NOT NULL,
    company    TEXT NOT NULL
);
CREATE TABLE facts (
    entry   INTEGER NOT NULL,
    source  TEXT NOT NULL,
    listed  INTEGER NOT NULL,
    link    TEXT,
    email   TEXT,
    name    TEXT NOT NULL,
    company TEXT NOT NULL,
    told    BLOB NOT NULL,
    PRIMARY KEY (entry, source)
) WITHOUT ROWID;
CREATE TABLE records (
    place   INTEGER PRIMARY KEY,
    link    TEXT,
    email   TEXT,
    name    TEXT NOT NULL,
    company TEXT NOT NULL,
    told    BLOB NOT NULL
);
CREATE TABLE matched (place INTEGER PRIMARY KEY, entry INTEGER NOT NULL UNIQUE, news INTEGER NOT NULL DEFAULT 1);
CREATE TABLE missing (entry INTEGER PRIMARY KEY)

-- name: add_entry
-- An entry of the address book, by the marks it shows.
INSERT INTO entries (contact_id, stated, fresh, link, email, name, company) VALUES (?, ?, 0, ?, ?, ?, ?)

-- name: add_fact
-- What a source told of the latest entry.
INSERT INTO facts VALUES ((SELECT max(at) FROM entries), ?, ?, ?, ?, ?, ?, ?)

-- name: add_record
-- What a list has.
INSERT INTO records (link, email, name, company, told) VALUES (?, ?, ?, ?, ?)

-- name: index_links
-- For finding entries by their marks, as below; a first import finds none.
CREATE INDEX IF NOT EXISTS facts_link ON facts (link) WHERE link IS NOT NULL

-- name: index_emails
-- By address.
CREATE INDEX IF NOT EXISTS facts_email ON facts (email) WHERE email IS NOT NULL

-- name: index_work
-- By name and company.
CREATE INDEX IF NOT EXISTS facts_name ON facts (name, company)

-- name: index_names
-- By the name that is shown.
CREATE INDEX IF NOT EXISTS entries_name ON entries (name)

-- name: index_records
-- By the name in the list.
CREATE INDEX IF NOT EXISTS records_name ON records (name)

-- name: match_links
-- The entry with the same profile link, for the first record that has it. Whoever is matched stays so, here and below.
INSERT OR IGNORE INTO matched (place, entry)
SELECT place, entry FROM (
    SELECT place, (SELECT max(entry) FROM facts WHERE facts.link = records.link) AS entry FROM records)
WHERE entry IS NOT NULL ORDER BY place

-- name: match_emails
-- Else the one with the same address.
INSERT OR IGNORE INTO matched (place, entry)
SELECT place, entry FROM (
    SELECT place, (SELECT max(entry) FROM facts WHERE facts.email = records.email) AS entry FROM records)
WHERE entry IS NOT NULL ORDER BY place

-- name: match_work
-- Else the one with the same name and company, unless links or addresses differ; of another source than :source only
-- where there is a company.
INSERT OR IGNORE INTO matched (place, entry)
SELECT place, at FROM (
    SELECT *, (SELECT max(entry) FROM facts WHERE facts.name = records.name AND facts.company = records.company
        AND (facts.company <> '' OR facts.source = :source)) AS entry
    FROM records) AS r JOIN entries e ON e.at = r.entry
WHERE coalesce(r.link = e.link, true) AND coalesce(r.email = e.email, true) ORDER BY place

-- name: match_names
-- Else the one that alone has the same full name, as the record has in its list, where :source never told of them and
-- neither companies, links nor addresses differ.
INSERT OR IGNORE INTO matched (place, entry)
SELECT place, at FROM records r JOIN entries e ON e.name = r.name
WHERE instr(r.name, ' ') > 0
    AND (SELECT count(*) FROM records other WHERE other.name = r.name) = 1
    AND (SELECT count(*) FROM entries other WHERE other.name = e.name) = 1
    AND NOT EXISTS (SELECT 1 FROM facts WHERE entry = e.at AND facts.source = :source)
    AND coalesce(r.link = e.link, true) AND coalesce(r.email = e.email, true)
    AND (r.company = '' OR e.company = '' OR r.company = e.company)
ORDER BY place

-- name: match_nobody
-- The others are new entries, in the order of the list.
INSERT INTO matched (place, entry)
SELECT place, (SELECT coalesce(max(at), 0) FROM entries) + row_number() OVER (ORDER BY place)
FROM records WHERE place NOT IN (SELECT place FROM matched)

-- name: add_new
-- These entries; `new_id` makes an id.
INSERT INTO entries (at, contact_id, stated, fresh, link, email, name, company)
SELECT entry, new_id(), 0, 1, link, email, name, company FROM matched JOIN records USING (place)
WHERE entry > (SELECT coalesce(max(at), 0) FROM entries) ORDER BY entry

-- name: find_news
-- Whether the records tell anything that :source did not tell before.
UPDATE matched SET news = NOT EXISTS (
    SELECT 1 FROM facts f JOIN records r ON r.place = matched.place
    WHERE f.entry = matched.entry AND f.source = :source AND f.listed AND f.told = r.told)

-- name: delete_old
-- What is replaced, and what other sources told that list the entry no more.
DELETE FROM facts WHERE entry IN (SELECT entry FROM matched WHERE news) AND (source = :source OR NOT listed)

-- name: add_news
-- What :source tells from now on.
INSERT INTO facts SELECT entry, :source, 1, link, email, name, company, told FROM matched JOIN records USING (place)
WHERE news ORDER BY entry

-- name: mark_told
-- Whom the list has.
UPDATE entries SET told = 1, changed = changed OR m.news FROM matched m WHERE m.entry = at

-- name: find_missing
-- Whom :source listed before, and the list does not have.
INSERT INTO missing SELECT entry FROM facts WHERE source = :source AND listed AND entry NOT IN (SELECT entry FROM matched)

-- name: mark_missing
-- They are not what they were.
UPDATE entries SET changed = 1 WHERE at IN (SELECT entry FROM missing)

-- name: delete_missing
-- What :source told of them goes where another source lists them, and what those told that do not.
DELETE FROM facts WHERE entry IN (SELECT entry FROM missing) AND (source = :source OR NOT listed)
    AND EXISTS (SELECT 1 FROM facts o WHERE o.entry = facts.entry AND o.source <> :source AND o.listed)

-- name: unlist_missing
-- Else it stays, as what was.
UPDATE facts SET listed = 0 WHERE source = :source AND entry IN (SELECT entry FROM missing)

-- name: clear_records
-- Room for the next list.
DELETE FROM records

-- name: clear_matched
-- Room for the next list.
DELETE FROM matched

-- name: clear_missing
-- Room for the next list.
DELETE FROM missing

-- name: list_changed
-- Entries after the first argument that are not what they were, with what is told of them now.
WITH some AS (SELECT at, contact_id FROM entries WHERE changed AND at > ? ORDER BY at LIMIT ?)
SELECT at, contact_id, listed, told FROM some JOIN facts ON entry = at ORDER BY at

-- name: show
-- The marks that an entry shows now.
UPDATE entries SET link = ?, email = ?, name = ?, company = ? WHERE contact_id = ?

-- name: list_gone
-- Entries after the first argument whom no source lists, and of whom their owner said nothing.
SELECT at, contact_id FROM entries
WHERE at > ? AND NOT fresh AND NOT stated AND EXISTS (SELECT 1 FROM facts WHERE entry = at)
    AND NOT EXISTS (SELECT 1 FROM facts WHERE entry = at AND listed)
ORDER BY at LIMIT ?

-- name: list_fresh
-- New entries after the first argument, with what is told of them.
WITH some AS (SELECT at, contact_id FROM entries WHERE fresh AND at > ? ORDER BY at LIMIT ?)
SELECT at, contact_id, listed, told FROM some JOIN facts ON entry = at ORDER BY at

-- name: find_entry
-- What became of an entry.
SELECT at, told, changed FROM entries WHERE contact_id = ?

-- name: find_facts
-- What is told of an entry now.
SELECT listed, told FROM facts WHERE entry = ?

-- Who asked, without an account, that no address book holds them: no words about them, only digests that nobody can make
-- without the key, to leave them out of what is imported later. The key is kept with them, so that they hold as long.
CREATE TABLE forgotten (
    digest text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE forgotten_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL
);

-- Introductions, what somebody allows, and quiet answers.

-- One row a seeker: locked by whoever changes an introduction of theirs.
CREATE TABLE seekers (
    seeker_id text COLLATE "C" PRIMARY KEY
);

-- One row a person who is asked, with what they allow: locked, after the seeker and in the order of ids, by whoever
-- counts their room. `never_company_keys` are the resolved names of `never_companies`.
CREATE TABLE limits (
    person_id          text COLLATE "C" PRIMARY KEY,
    asks_a_month       integer NOT NULL DEFAULT 4 CHECK (asks_a_month BETWEEN 0 AND 30),
    quiet_until        timestamptz,
    never_companies    text[] NOT NULL DEFAULT '{}',
    never_company_keys text[] NOT NULL DEFAULT '{}',
    never_members      text[] NOT NULL DEFAULT '{}',
    asked_from         text NOT NULL DEFAULT 'warm' CHECK (asked_from IN ('any', 'warm', 'close'))
);

-- `opening_key`: equal for the same opening, or for the same company. `waits_for`: whose room it waits for. `answers`
-- holds what everybody may know that was answered; quiet answers stand in `sealed_answers` until the deadline, so that
-- nothing that is made from this table tells of them.
CREATE TABLE introductions (
    introduction_id   text COLLATE "C" PRIMARY KEY,
    version           bigint,
    origin            text NOT NULL CHECK (origin IN ('ask', 'offer')),
    seeker_id         text COLLATE "C" NOT NULL,
    introducer_id     text COLLATE "C" NOT NULL,
    insider_id        text COLLATE "C" NOT NULL,
    opening_key       text NOT NULL,
    posting_id        text COLLATE "C",
    company           text NOT NULL,
    company_key       text NOT NULL,
    title             text,
    url               text,
    leg               text NOT NULL CHECK (leg IN ('app', 'hand')),
    target_leg        text NOT NULL CHECK (target_leg IN ('app', 'hand')),
    value             integer NOT NULL,
    firmness          double precision NOT NULL,
    target_firmness   double precision NOT NULL,
    reasons           text[] NOT NULL,
    state             text NOT NULL,
    outcome           text,
    history           jsonb NOT NULL,
    begun_at          timestamptz NOT NULL,
    asked_at          timestamptz,
    accepted_at       timestamptz,
    introduced_at     timestamptz,
    ended_at          timestamptz,
    due_at            timestamptz,
    sent_at           timestamptz,
    target_sent_at    timestamptz,
    reached_at        timestamptz,
    reached_target_at timestamptz,
    agreed_at         timestamptz,
    answers           jsonb NOT NULL,
    uncounted         text[] NOT NULL,
    next_introducers  text[] NOT NULL,
    first_at          timestamptz,
    note              text,
    contact           text,
    hidden            boolean NOT NULL,
    talked_by         text[] NOT NULL,
    waits_for         text COLLATE "C",
    CHECK ((due_at IS NULL) = (state IN ('declined', 'expired', 'closed')))
);

-- The ones: for each opening and with each introducer a seeker has one live introduction. An offer is none before it is
-- accepted. The states here are `transitions.LIVE`.
CREATE UNIQUE INDEX introductions_one_an_opening ON introductions (seeker_id, opening_key)
    WHERE state IN ('requested', 'asked', 'accepted') AND NOT (origin = 'offer' AND state = 'requested');
CREATE UNIQUE INDEX introductions_one_an_introducer ON introductions (seeker_id, introducer_id)
    WHERE state IN ('requested', 'asked', 'accepted') AND NOT (origin = 'offer' AND state = 'requested');
CREATE UNIQUE INDEX introductions_one_offer ON introductions (introducer_id, seeker_id, opening_key)
    WHERE origin = 'offer' AND state = 'requested';

CREATE INDEX introductions_of_seeker ON introductions (seeker_id, begun_at DESC, introduction_id DESC);
CREATE INDEX introductions_of_introducer ON introductions (introducer_id, begun_at DESC, introduction_id DESC);
CREATE INDEX introductions_of_target ON introductions (insider_id, begun_at DESC, introduction_id DESC);
CREATE INDEX introductions_due ON introductions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX introductions_waiting ON introductions (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX introductions_reached ON introductions (introducer_id, reached_at) WHERE reached_at IS NOT NULL;
CREATE INDEX introductions_reached_target ON introductions (insider_id, reached_target_at)
    WHERE reached_target_at IS NOT NULL;
CREATE INDEX introductions_of_posting ON introductions (posting_id) WHERE state IN ('requested', 'asked');
CREATE INDEX introductions_with_notes ON introductions (ended_at) WHERE note IS NOT NULL AND ended_at IS NOT NULL;

CREATE TABLE sealed_answers (
    introduction_id text COLLATE "C" NOT NULL REFERENCES introductions ON DELETE CASCADE,
    who             text NOT NULL CHECK (who IN ('introducer', 'target')),
    answer          text NOT NULL,
    answered_at     timestamptz NOT NULL,
    PRIMARY KEY (introduction_id, who)
);

-- When the service was last there, in real time: one row.
CREATE TABLE heartbeat (
    key text PRIMARY KEY,
    at  timestamptz NOT NULL
);

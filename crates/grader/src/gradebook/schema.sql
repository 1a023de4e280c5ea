-- One file for all labs of a course. What was marked is only added to; which attempt counts stands in `submissions`.

CREATE TABLE labs (
    lab    TEXT PRIMARY KEY,
    seed   TEXT NOT NULL,              -- of the run, decimal: each student's own is made of it
    late   TEXT NOT NULL DEFAULT '{}'  -- the policy for late submissions, JSON
) STRICT;

CREATE TABLE students (
    student TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    email   TEXT NOT NULL,
    moodle  TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (
    attempt   INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they were marked; clocks jump
    student   TEXT NOT NULL REFERENCES students,
    lab       TEXT NOT NULL REFERENCES labs,
    content   TEXT NOT NULL,    -- SHA-256 of the files that were taken
    seed      TEXT NOT NULL,    -- what the inputs were drawn from, decimal
    toolchain TEXT NOT NULL,
    material  TEXT NOT NULL,    -- a hash of questions, tolerances and solutions
    level     TEXT NOT NULL,    -- of the sandbox
    marked_at INTEGER NOT NULL, -- seconds since 1970
    seconds   REAL NOT NULL,
    UNIQUE (student, lab, content, seed, toolchain, material, level)
) STRICT;

CREATE TABLE results (
    attempt  INTEGER NOT NULL REFERENCES attempts,
    position INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    points   INTEGER NOT NULL,
    out_of   INTEGER NOT NULL,
    outcome  TEXT NOT NULL,     -- all that is known, JSON
    PRIMARY KEY (attempt, exercise)
) STRICT;

CREATE TABLE answers (
    attempt  INTEGER NOT NULL REFERENCES attempts,
    position INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    question TEXT NOT NULL,
    points   INTEGER NOT NULL,
    out_of   INTEGER NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('right', 'wrong', 'not done', 'does not compile')),
    mistake  TEXT,              -- its name
    es       TEXT,              -- what it says, or what happened
    en       TEXT,
    PRIMARY KEY (attempt, exercise, question)
) STRICT;

CREATE TABLE submissions (
    student   TEXT NOT NULL REFERENCES students,
    lab       TEXT NOT NULL REFERENCES labs,
    handed_in INTEGER,          -- seconds since 1970
    content   TEXT NOT NULL,
    remarks   TEXT NOT NULL,    -- what was refused and why, JSON
    prints    BLOB NOT NULL,    -- fingerprints of the code, 8 bytes each
    attempt   INTEGER NOT NULL REFERENCES attempts,
    PRIMARY KEY (student, lab)
) STRICT;

CREATE TABLE adjustments (
    adjustment INTEGER PRIMARY KEY AUTOINCREMENT,
    student    TEXT NOT NULL REFERENCES students,
    lab        TEXT NOT NULL REFERENCES labs,
    exercise   TEXT NOT NULL,
    points     INTEGER NOT NULL,
    why        TEXT NOT NULL,
    made_at    INTEGER NOT NULL
) STRICT;

PRAGMA application_id = 1198678372; -- `Grad`
PRAGMA user_version = 1;

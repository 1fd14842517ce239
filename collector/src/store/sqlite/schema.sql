-- Every table is keyed by site first, so that a shard can be one site.
CREATE TABLE sites (
    site        TEXT NOT NULL PRIMARY KEY,
    rules_file  BLOB                        -- SHA-256 of the file last loaded at a start
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    site  TEXT NOT NULL,
    hash  BLOB NOT NULL,                    -- SHA-256; the key itself is nowhere
    role  TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (site, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    site     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    origin   INTEGER NOT NULL,              -- the version that a rollback repeats
    plan     TEXT NOT NULL,
    rules    TEXT NOT NULL,
    bytes    BLOB NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (site, version)
) STRICT;
CREATE INDEX versions_by_plan ON versions (site, plan);

CREATE TABLE names (                        -- what reports may name: all that was ever published
    site      TEXT NOT NULL,
    campaign  TEXT NOT NULL,
    message   TEXT NOT NULL,
    leaf      TEXT NOT NULL,
    PRIMARY KEY (site, campaign, message, leaf)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (                      -- ids that were merged, kept for 30 days
    site  TEXT NOT NULL,
    id    BLOB NOT NULL,
    PRIMARY KEY (site, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    site        TEXT NOT NULL,
    campaign    TEXT NOT NULL,
    message     TEXT NOT NULL,
    leaf        TEXT NOT NULL,
    stream      TEXT NOT NULL,
    day         INTEGER NOT NULL,           -- since 1970-01-01, the site's local day
    epoch       INTEGER NOT NULL,
    visitors    INTEGER NOT NULL,
    converters  INTEGER NOT NULL,
    revenue     TEXT NOT NULL,              -- minor units; sums pass 64 bits
    revenue2    TEXT NOT NULL,
    due         INTEGER NOT NULL,
    shown       INTEGER NOT NULL,
    clicked     INTEGER NOT NULL,
    dismissed   INTEGER NOT NULL,
    PRIMARY KEY (site, campaign, message, leaf, stream, day, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE odds (                         -- every epoch, so that the allocation can be re-run
    site      TEXT NOT NULL,
    epoch     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    evidence  TEXT NOT NULL,
    bytes     BLOB NOT NULL,
    PRIMARY KEY (site, epoch)
) STRICT;

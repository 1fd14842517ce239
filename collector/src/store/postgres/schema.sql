-- Every table is keyed by site first, so that a shard can be one site.
CREATE TABLE sites (
    site        TEXT PRIMARY KEY,
    rules_file  BYTEA,                      -- SHA-256 of the file last loaded at a start
    revision    BIGINT NOT NULL DEFAULT 0   -- of the counters: one more with every transaction
);

CREATE TABLE keys (
    site  TEXT NOT NULL,
    hash  BYTEA NOT NULL,                   -- SHA-256; the key itself is nowhere
    role  TEXT NOT NULL,
    at    BIGINT NOT NULL,
    PRIMARY KEY (site, hash)
);

CREATE TABLE sessions (                     -- the console's, for a working day
    site   TEXT NOT NULL,
    token  BYTEA NOT NULL,                  -- SHA-256
    key    BYTEA NOT NULL,                  -- the hash of the key that it stands for
    ends   BIGINT NOT NULL,
    PRIMARY KEY (site, token)
);

CREATE TABLE versions (
    site     TEXT NOT NULL,
    version  BIGINT NOT NULL,
    origin   BIGINT NOT NULL,               -- the version that a rollback repeats
    plan     TEXT NOT NULL,
    rules    TEXT NOT NULL,
    bytes    BYTEA NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (site, version)
);
CREATE INDEX versions_by_plan ON versions (site, plan);

CREATE TABLE drafts (                       -- for a day
    site   TEXT NOT NULL,
    token  TEXT NOT NULL,
    plan   TEXT NOT NULL,
    bytes  BYTEA NOT NULL,
    ends   BIGINT NOT NULL,
    PRIMARY KEY (site, token)
);

CREATE TABLE names (                        -- what reports may name: all that was ever published
    site      TEXT NOT NULL,
    campaign  TEXT NOT NULL,
    message   TEXT NOT NULL,
    leaf      TEXT NOT NULL,
    PRIMARY KEY (site, campaign, message, leaf)
);

CREATE TABLE reports (                      -- ids that were merged, kept for 30 days
    site  TEXT NOT NULL,
    id    BYTEA NOT NULL,
    PRIMARY KEY (site, id)
);

CREATE TABLE counters (
    site        TEXT NOT NULL,
    campaign    TEXT NOT NULL,
    message     TEXT NOT NULL,
    leaf        TEXT NOT NULL,
    stream      TEXT NOT NULL,
    day         BIGINT NOT NULL,            -- since 1970-01-01, the site's local day
    epoch       BIGINT NOT NULL,
    visitors    BIGINT NOT NULL,
    converters  BIGINT NOT NULL,
    revenue     NUMERIC(39) NOT NULL,       -- minor units; sums pass 64 bits and stay below 2^128
    revenue2    NUMERIC(39) NOT NULL,
    due         BIGINT NOT NULL,
    shown       BIGINT NOT NULL,
    clicked     BIGINT NOT NULL,
    dismissed   BIGINT NOT NULL,
    PRIMARY KEY (site, campaign, message, leaf, stream, day, epoch)
);

-- The part of the counters that came from browsers which forget after seven days.
CREATE TABLE forgetful (
    site        TEXT NOT NULL,
    campaign    TEXT NOT NULL,
    message     TEXT NOT NULL,
    leaf        TEXT NOT NULL,
    stream      TEXT NOT NULL,
    day         BIGINT NOT NULL,
    epoch       BIGINT NOT NULL,
    visitors    BIGINT NOT NULL,
    converters  BIGINT NOT NULL,
    revenue     NUMERIC(39) NOT NULL,
    revenue2    NUMERIC(39) NOT NULL,
    due         BIGINT NOT NULL,
    shown       BIGINT NOT NULL,
    clicked     BIGINT NOT NULL,
    dismissed   BIGINT NOT NULL,
    PRIMARY KEY (site, campaign, message, leaf, stream, day, epoch)
);

-- How late converters came: days from the draw to the report that told of them.
CREATE TABLE lags (
    site        TEXT NOT NULL,
    campaign    TEXT NOT NULL,
    day         BIGINT NOT NULL,            -- of the draw, the site's local day
    lag         BIGINT NOT NULL,            -- in days
    converters  BIGINT NOT NULL,
    PRIMARY KEY (site, campaign, day, lag)
);

CREATE TABLE odds (                         -- every epoch, so that the allocation can be re-run
    site      TEXT NOT NULL,
    epoch     BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    evidence  TEXT NOT NULL,
    bytes     BYTEA NOT NULL,
    PRIMARY KEY (site, epoch)
);

CREATE TABLE journal (                      -- what each revision added, for the other collectors; kept for minutes
    site      TEXT NOT NULL,
    revision  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    sums      TEXT NOT NULL,
    PRIMARY KEY (site, revision)
);

CREATE TABLE leases (                       -- which collector computes a site's odds, and until when
    site    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    until   TIMESTAMPTZ NOT NULL            -- by the database's clock
);

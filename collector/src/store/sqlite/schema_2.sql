-- The part of the counters that came from browsers which forget after seven days.
CREATE TABLE forgetful (
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

-- How late converters came: days from the draw to the report that told of them.
CREATE TABLE lags (
    site        TEXT NOT NULL,
    campaign    TEXT NOT NULL,
    day         INTEGER NOT NULL,           -- of the draw, the site's local day
    lag         INTEGER NOT NULL,           -- in days
    converters  INTEGER NOT NULL,
    PRIMARY KEY (site, campaign, day, lag)
) STRICT, WITHOUT ROWID;

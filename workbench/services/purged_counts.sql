-- How many exchanges there are, how many were sent before an instant, how many say no time, and when
-- the first one was.
SELECT
    count(*) AS n_exchanges,
    count(*) FILTER (WHERE ts_us < $before) AS n_before,
    count(*) FILTER (WHERE ts_us IS NULL) AS n_undated,
    min(ts_us) AS first_us
FROM logged_exchange

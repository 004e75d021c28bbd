-- What is erased: each exchange of some accounts, or of before an instant, below an id, with what is
-- told of it in the journal.
SELECT
    e.exchange_id,
    s.sha256,
    e.record_no,
    e.byte_offset,
    y.digest AS system,
    p.digest AS prompt,
    e.completion,
    e.reasoning,
    e.dialogue
FROM logged_exchange AS e
INNER JOIN source AS s ON e.source_id = s.source_id
LEFT JOIN system AS y ON e.system_id = y.system_id
LEFT JOIN prompt AS p ON e.prompt_id = p.prompt_id
WHERE e.exchange_id < $below
    AND (
        e.ts_us < $before
        OR e.account_id IN (
            SELECT i.identity_id
            FROM identity AS i
            INNER JOIN named AS n ON n.account_key = i.kind || ':' || i.namespace || ':' || i.value
        )
    )
ORDER BY e.exchange_id

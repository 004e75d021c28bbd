-- Pairs whose halves cannot be of one exchange: the answer is longer than was asked for, older than
-- the request, of somebody else, of too few tokens to have read the prompt (64 characters a token is
-- far more than any text has), or of another family of models (what a model is called without its
-- date and its aliases; a deployment may be called anything).
SELECT kind, asked_set, answered_set, asked, answered
FROM (
    SELECT
        p.*,
        (a.max_tok > 0 AND w.out_tok > a.max_tok * greatest(coalesce(a.n, 1), 1))
        OR (w.in_tok > 0 AND w.in_tok < a.prompt_length // 64)
        OR w.ts < a.ts - INTERVAL 1 HOUR
        OR a.account_id <> w.account_id
        OR a.org_id <> w.org_id AS impossible,
        $asked_family AS asked_family,
        $answered_family AS answered_family
    FROM $pairs p
    JOIN half a ON a.half_id = p.asked
    JOIN half w ON w.half_id = p.answered
)
WHERE
    impossible
    OR (
        split_part(asked_family, '-', 1) = split_part(answered_family, '-', 1)
        AND NOT starts_with(answered_family || '-', asked_family || '-')
        AND NOT starts_with(asked_family || '-', answered_family || '-')
    )

-- Tables and views that are not the server's own: schema, name, columns, key, size in bytes.
-- The key is the primary one, else the first unique index over columns that are never NULL.
SELECT
    n.nspname::text,
    c.relname::text,
    (
        SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod))
                        ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    (
        SELECT json_agg(a.attname ORDER BY k.position)
        FROM unnest(i.indkey) WITH ORDINALITY AS k(number, position)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE k.position <= i.indnkeyatts
    ),
    greatest(
        pg_table_size(c.oid),
        (SELECT sum(pg_table_size(p.relid)) FROM pg_partition_tree(c.oid) p)::bigint
    )
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT x.indkey, x.indnkeyatts
    FROM pg_index x
    WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid
        AND x.indpred IS NULL AND x.indexprs IS NULL
        AND NOT EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey) AND NOT a.attnotnull
        )
    ORDER BY NOT x.indisprimary, x.indexrelid
    LIMIT 1
) i ON true
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname

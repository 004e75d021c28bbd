-- A cursor on the rows of a table, each as the server writes it as JSON.
DECLARE {cursor} NO SCROLL CURSOR FOR
SELECT row_to_json(r.*)::text
FROM {relation} t, LATERAL (SELECT {columns}) r
{order}

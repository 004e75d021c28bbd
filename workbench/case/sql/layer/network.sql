-- For each address of the case what fills its NULLs: the table added first that says something.
SELECT
    address_id,
    arg_min(asn, added_id) FILTER (asn IS NOT NULL) AS asn,
    min(added_id) FILTER (asn IS NOT NULL) AS asn_by,
    arg_min(country, added_id) FILTER (country IS NOT NULL) AS country,
    min(added_id) FILTER (country IS NOT NULL) AS country_by,
    arg_min(network_name, added_id) FILTER (network_name IS NOT NULL) AS network_name,
    min(added_id) FILTER (network_name IS NOT NULL) AS network_name_by
FROM added_addresses
WHERE added_id IN ($live) AND address_id < $addresses
GROUP BY address_id
ORDER BY address_id

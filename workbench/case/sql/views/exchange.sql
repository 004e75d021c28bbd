-- Exchanges as the program reads them: what a log leaves out comes from the tables that were added,
-- each value with the number of its table (NULL: the log's own, or nobody's). Who the account is,
-- is the log's word alone.
SELECT
    l.* EXCLUDE (fallback_id) REPLACE (
        $org AS org_id,
        $asn AS asn,
        $country AS country,
        $created AS account_created_us,
        $email_domain AS email_domain,
        $payment_hash AS payment_hash
    ),
    CASE WHEN l.org_id IS NULL THEN $org_by END AS org_by,
    CASE WHEN l.asn IS NULL THEN $asn_by END AS asn_by,
    CASE WHEN l.country IS NULL THEN $country_by END AS country_by,
    CASE WHEN l.account_created_us IS NULL THEN $created_by END AS account_created_by,
    CASE WHEN l.email_domain IS NULL THEN $email_domain_by END AS email_domain_by,
    CASE WHEN l.payment_hash IS NULL THEN $payment_hash_by END AS payment_hash_by,
    $network_name AS network_name,
    $network_name_by AS network_name_by,
    $signup_address AS signup_address,
    $signup_address_by AS signup_address_by,
    $plan AS plan,
    $plan_by AS plan_by,
    $declared_use AS declared_use,
    $declared_use_by AS declared_use_by
FROM logged_exchange AS l
$joins

SELECT account_id, kind FROM account ORDER BY account_id

SELECT identity_id, kind, namespace, value FROM identities WHERE identity_id < $identities

-- A web domain that was proven by a TXT record in the DNS, and when that was seen last; null where an e-mail proved it.
ALTER TABLE organisations ADD COLUMN domain_record_seen_at timestamptz;

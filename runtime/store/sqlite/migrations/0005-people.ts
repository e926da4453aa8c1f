/** Named people with the hash of their token, and with whom connections are shared. */
export const ledger0005 = `
-- hash: SHA-256 of the token; rights: JSON.
CREATE TABLE person (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  rights TEXT NOT NULL,
  added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Only what is not shared with everyone. It outlives its connection, whose mails stay in the history. who: JSON.
CREATE TABLE sharing (
  connection TEXT NOT NULL PRIMARY KEY,
  who TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

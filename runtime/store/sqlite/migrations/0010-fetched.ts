/** Mails that a run fetched in its middle: their bytes stay until it is computed, so that a step behind can send them on. */
export const ledger0010 = `
CREATE TABLE fetched (
  run INTEGER NOT NULL REFERENCES run(key),
  node TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  place TEXT NOT NULL,
  bytes BLOB,
  PRIMARY KEY (run, node)
) STRICT;
`

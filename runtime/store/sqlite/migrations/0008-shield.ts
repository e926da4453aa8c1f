/** Mails that wait for a person's yes, flows that stopped themselves, and how many mails of a version a person has let go. */
export const ledger0008 = `
-- 1: a person let it go, so nothing holds it back again.
ALTER TABLE outbox ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;

-- A row goes when a person starts, stops or deploys the flow. problem: JSON.
CREATE TABLE flow_pause (
  flow INTEGER PRIMARY KEY REFERENCES flow(key),
  at TEXT NOT NULL,
  problem TEXT NOT NULL
) STRICT;

-- trusted: its mails are no longer held for a first look, however few were seen.
CREATE TABLE approval (
  flow INTEGER NOT NULL REFERENCES flow(key),
  version INTEGER NOT NULL,
  mails INTEGER NOT NULL,
  trusted INTEGER NOT NULL,
  PRIMARY KEY (flow, version)
) STRICT, WITHOUT ROWID;
`

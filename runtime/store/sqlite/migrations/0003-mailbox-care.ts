/** What people see and say of a watched mailbox: mails counted by the hour, and a pause that outlives a restart. */
export const ledger0003 = `
-- hour: whole hours since 1970.
CREATE TABLE mailbox_hour (
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  hour INTEGER NOT NULL,
  mails INTEGER NOT NULL,
  PRIMARY KEY (connection, folder, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailbox_pause (
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  PRIMARY KEY (connection, folder)
) STRICT, WITHOUT ROWID;
`

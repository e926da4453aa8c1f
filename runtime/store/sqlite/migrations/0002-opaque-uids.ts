/** UIDs become text outside the ledger, for POP3 has others than numbers; and mails that were passed over at a flow's start get rows. */
export const ledger0002 = `
CREATE TABLE trigger_0002 (
  flow TEXT NOT NULL,
  node TEXT NOT NULL,
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  uid_validity TEXT NOT NULL,
  first_uid TEXT NOT NULL,
  since TEXT NOT NULL,
  cursor TEXT NOT NULL,
  start_from TEXT NOT NULL,
  reset_seen TEXT NOT NULL,
  reset_version INTEGER NOT NULL,
  PRIMARY KEY (flow, node, connection, folder)
) STRICT, WITHOUT ROWID;
INSERT INTO trigger_0002 SELECT flow, node, connection, folder, uid_validity,
  iif(first_uid > 1, CAST(first_uid AS TEXT), ''), since, iif(cursor_uid > 0, CAST(cursor_uid AS TEXT), ''), start_from, reset_seen, reset_version FROM trigger_state;
DROP TABLE trigger_state;
ALTER TABLE trigger_0002 RENAME TO trigger_state;

-- size: as the server told it at the flow's start.
CREATE TABLE passed (
  mailbox INTEGER NOT NULL REFERENCES mailbox(key),
  flow INTEGER NOT NULL REFERENCES flow(key),
  uid ANY NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (mailbox, flow, uid)
) STRICT, WITHOUT ROWID;
`

/** Who waits in which line, so that each flow has its turn; and what was sent lately, so that limits outlive a restart. */
export const ledger0011 = `
-- The queue first: from one to the next in one step, whatever number of rows one has.
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox(state, connection, flow, due_at) WHERE state <> 'sent';

-- minute: whole minutes since 1970; handed: mails offered to the server; sent: those it took. Older than a day they go.
CREATE TABLE sent_minute (
  minute INTEGER NOT NULL,
  connection TEXT NOT NULL,
  flow INTEGER NOT NULL,
  handed INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  PRIMARY KEY (minute, connection, flow)
) STRICT, WITHOUT ROWID;
`

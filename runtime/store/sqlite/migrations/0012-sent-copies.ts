/** Copies of sent mail that are to be put into a mailbox: a row only for mails whose flow asks for one. */
export const ledger0012 = `
-- state: waiting, done or failed; due_at: the next try; say: the folder it lies in, or why it does not.
CREATE TABLE sent_copy (
  outbox INTEGER PRIMARY KEY REFERENCES outbox(key),
  state TEXT NOT NULL,
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  due_at TEXT NOT NULL,
  since TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  say TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sent_copy_due ON sent_copy(due_at) WHERE state = 'waiting';
`

/** Trouble of mailboxes that flows were told of, so that a recovery is told to the same after a restart. */
export const ledger0006 = `
-- facts: what was told last; knows: who was told, each a flow and its node. A row goes when the recovery was told.
CREATE TABLE mailbox_trouble (
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  facts TEXT NOT NULL,
  knows TEXT NOT NULL,
  PRIMARY KEY (connection, folder)
) STRICT, WITHOUT ROWID;
`

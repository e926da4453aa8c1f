/** A mail's later names: its folder was rebuilt, moved to another server, or the server gave its name to another mail. */
export const ledger0004 = `
-- Beside its first name, which its id and its runs' ids follow from. The newest mailbox's name is where it lies now.
CREATE TABLE alias (
  mailbox INTEGER NOT NULL REFERENCES mailbox(key),
  uid ANY NOT NULL,
  mail INTEGER NOT NULL REFERENCES mail(key),
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_mail ON alias(mail);

-- Whose mailbox it is (user and host): the same UIDVALIDITY on another server means nothing.
ALTER TABLE mailbox ADD COLUMN server TEXT NOT NULL DEFAULT '';

-- The UIDVALIDITY before this one, and until when fresh mails are compared with it.
ALTER TABLE trigger_state ADD COLUMN former TEXT NOT NULL DEFAULT '';
ALTER TABLE trigger_state ADD COLUMN former_until TEXT NOT NULL DEFAULT '';
`

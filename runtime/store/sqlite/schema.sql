CREATE TABLE alias (
  mailbox INTEGER NOT NULL REFERENCES mailbox(key),
  uid ANY NOT NULL,
  mail INTEGER NOT NULL REFERENCES mail(key),
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
  flow INTEGER NOT NULL REFERENCES flow(key),
  version INTEGER NOT NULL,
  mails INTEGER NOT NULL,
  trusted INTEGER NOT NULL,
  PRIMARY KEY (flow, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  key INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT;

CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fetched (
  run INTEGER NOT NULL REFERENCES run(key),
  node TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  place TEXT NOT NULL,
  bytes BLOB,
  PRIMARY KEY (run, node)
) STRICT;

CREATE TABLE flow (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  running INTEGER NOT NULL DEFAULT 0,
  changed_at TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE flow_pause (
  flow INTEGER PRIMARY KEY REFERENCES flow(key),
  at TEXT NOT NULL,
  problem TEXT NOT NULL
) STRICT;

CREATE TABLE flow_version (
  flow INTEGER NOT NULL REFERENCES flow(key),
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  json TEXT NOT NULL,
  deployed_at TEXT NOT NULL,
  PRIMARY KEY (flow, version)
) STRICT;

CREATE TABLE mail (
  key INTEGER PRIMARY KEY,
  mailbox INTEGER NOT NULL REFERENCES mailbox(key),
  uid ANY NOT NULL,
  flags TEXT NOT NULL,
  received_at TEXT,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  place TEXT NOT NULL,
  bytes BLOB,
  UNIQUE (mailbox, uid)
) STRICT;

CREATE TABLE mailbox (
  key INTEGER PRIMARY KEY,
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  uid_validity TEXT NOT NULL, server TEXT NOT NULL DEFAULT '',
  UNIQUE (connection, folder, uid_validity)
) STRICT;

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

CREATE TABLE mailbox_trouble (
  connection TEXT NOT NULL,
  folder TEXT NOT NULL,
  facts TEXT NOT NULL,
  knows TEXT NOT NULL,
  PRIMARY KEY (connection, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  key INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(key),
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at TEXT,
  parked INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  recipients TEXT NOT NULL,
  history TEXT NOT NULL DEFAULT '[]',
  node TEXT NOT NULL,
  connection TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  created_at TEXT NOT NULL,
  give_up_at TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  place TEXT NOT NULL, approved INTEGER NOT NULL DEFAULT 0, flow INTEGER NOT NULL DEFAULT 0, replaces TEXT NOT NULL DEFAULT '',
  UNIQUE (run, id)
) STRICT;

CREATE TABLE outbox_raw (
  outbox INTEGER PRIMARY KEY REFERENCES outbox(key),
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE outbox_tally (
  state TEXT PRIMARY KEY,
  rows INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE passed (
  mailbox INTEGER NOT NULL REFERENCES mailbox(key),
  flow INTEGER NOT NULL REFERENCES flow(key),
  uid ANY NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (mailbox, flow, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  rights TEXT NOT NULL,
  added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  mail INTEGER NOT NULL REFERENCES mail(key),
  flow INTEGER NOT NULL REFERENCES flow(key),
  replay INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  version INTEGER NOT NULL,
  trigger_node TEXT NOT NULL,
  state TEXT NOT NULL,
  queued_at TEXT NOT NULL,
  finished_at TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  resent INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  settle TEXT NOT NULL,
  settle_due_at TEXT NOT NULL DEFAULT '',
  settle_tries INTEGER NOT NULL DEFAULT 0,
  settle_action TEXT NOT NULL DEFAULT '',
  settle_at TEXT,
  settle_say TEXT NOT NULL DEFAULT '',
  dropped INTEGER NOT NULL DEFAULT 0,
  subject TEXT,
  sender TEXT NOT NULL DEFAULT '',
  message_id TEXT NOT NULL DEFAULT '',
  UNIQUE (mail, flow, replay)
) STRICT;

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

CREATE TABLE sent_minute (
  minute INTEGER NOT NULL,
  connection TEXT NOT NULL,
  flow INTEGER NOT NULL,
  handed INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  PRIMARY KEY (minute, connection, flow)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sharing (
  connection TEXT NOT NULL PRIMARY KEY,
  who TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
  key INTEGER PRIMARY KEY,
  node TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at TEXT NOT NULL,
  duration_ms REAL NOT NULL,
  problem TEXT,
  output TEXT NOT NULL
) STRICT;

CREATE TABLE tally (
  flow INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  node TEXT NOT NULL,
  made INTEGER NOT NULL,
  done INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (flow, quarter, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE "trigger_state" (
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
  reset_version INTEGER NOT NULL, former TEXT NOT NULL DEFAULT '', former_until TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (flow, node, connection, folder)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_mail ON alias(mail);

CREATE INDEX mail_file ON mail(sha256) WHERE place = 'file';

CREATE INDEX outbox_connection ON outbox(connection);

CREATE INDEX outbox_file ON outbox(sha256) WHERE place = 'file';

CREATE INDEX outbox_flow ON outbox(flow);

CREATE INDEX outbox_left ON outbox(state, key, flow, connection) WHERE state NOT IN ('sent', 'sending');

CREATE INDEX outbox_open ON outbox(state, connection, flow, due_at) WHERE state <> 'sent';

CREATE INDEX run_bounced ON run(flow) WHERE state = 'bounced';

CREATE INDEX run_failed ON run(flow) WHERE state = 'failed';

CREATE INDEX run_flow ON run(flow);

CREATE INDEX run_open ON run(state) WHERE finished_at IS NULL;

CREATE INDEX run_unsettled ON run(mailbox, settle_due_at) WHERE settle = 'pending' AND finished_at IS NOT NULL;

CREATE INDEX sent_copy_due ON sent_copy(due_at) WHERE state = 'waiting';

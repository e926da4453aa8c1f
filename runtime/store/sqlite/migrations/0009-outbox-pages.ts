/** The outbox as people page through it: by state, flow and account without reading the others, and edited copies. */
export const ledger0009 = `
-- flow: the run's. replaces: the id of the row of which this is an edited copy.
ALTER TABLE outbox ADD COLUMN flow INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
UPDATE outbox SET flow = (SELECT flow FROM run WHERE run.key = outbox.run);
CREATE INDEX outbox_flow ON outbox(flow);
CREATE INDEX outbox_connection ON outbox(connection);
-- Whatever is neither done nor under way at this moment: the few among which people look for something.
CREATE INDEX outbox_left ON outbox(state, key, flow, connection) WHERE state NOT IN ('sent', 'sending');
`

/** Runs whose mail came back are found as quickly as those that failed. */
export const ledger0007 = `
CREATE INDEX run_bounced ON run(flow) WHERE state = 'bounced';
`

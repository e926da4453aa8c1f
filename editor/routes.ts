/** The addresses of the screens. A link is made here and nowhere else, so that a moved screen breaks no link. */
export const paths = {
  flows: '/flows',
  flow: (id: string) => `/flows/${encodeURIComponent(id)}`,
  flowRuns: (id: string) => `/flows/${encodeURIComponent(id)}/runs`,
  flowVersions: (id: string) => `/flows/${encodeURIComponent(id)}/versions`,
  runs: '/runs',
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
  mailboxes: '/mailboxes',
  outbox: '/outbox',
  heldMails: '/outbox?state=held',
  /** With one mail opened. */
  outboxMail: ({ id, run }: { readonly id: string; readonly run: string }) => `/outbox?mail=${encodeURIComponent(id)}&run=${encodeURIComponent(run)}`,
  connections: '/connections',
  /** The connection's form, at its login. */
  connectionLogin: (id: string) => `/connections?login=${encodeURIComponent(id)}`,
  people: '/people',
  sandbox: '/sandbox',
  signIn: '/sign-in',
} as const

/** What the router matches; `:tab` of a flow is `runs` or `versions`, none is the canvas. */
export const patterns = {
  flow: '/flows/:id/:tab?',
  run: '/runs/:id?',
} as const

/** The commands by name; each is loaded only when it is called, so that `check` never pays for the server. */
import type { Command } from './command.ts'

export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  check: async () => (await import('./commands/check.ts')).check,
  deploy: async () => (await import('./commands/deploy.ts')).deploy,
  stop: async () => (await import('./commands/stop.ts')).stop,
  try: async () => (await import('./commands/try.ts')).tryMails,
  mail: async () => (await import('./commands/mail.ts')).mail,
  functions: async () => (await import('./commands/functions.ts')).functions,
  connections: async () => (await import('./commands/connections.ts')).connections,
  mailboxes: async () => (await import('./commands/mailboxes.ts')).mailboxes,
  runs: async () => (await import('./commands/runs.ts')).runs,
  people: async () => (await import('./commands/people.ts')).people,
  keys: async () => (await import('./commands/keys.ts')).keys,
}

export const usage = `mailweave: draw e-mail flows, and know what became of every mail

  mailweave serve [--host 127.0.0.1] [--port 7025] [--data ./data] [--flows ./flows] [--no-sandbox]
                  [--names HOST,...] [--allow-hosts HOST,...] [--keep-days 90] [--log info]
  mailweave check FILE...                     is this flow file fit to be deployed?
  mailweave try FILE --mail x.eml [--json]    what would be sent? (no server needed, nothing is sent)
                  [--start NODE]              where to begin, in a flow with several starts
  mailweave mail x.eml...                     a mail as flows see it, as JSON
  mailweave functions [--json]                the functions of mappings
  mailweave deploy FILE                       save and deploy a flow on a running server
  mailweave stop ID                           stop a flow
  mailweave connections list|put FILE|test ID|login ID
  mailweave connections detect ADDRESS        which servers does this mail address use?
  mailweave mailboxes [look|pause|resume|reconnect CONNECTION [FOLDER]]
  mailweave runs [--flow ID] [--state S] [--json]
  mailweave people list|remove NAME           who may sign in beside you?
  mailweave people add|change NAME --may view,edit,deploy,secrets
  mailweave keys rotate [--data ./data]       new key for the saved passwords, whether the server runs or not

deploy, stop, connections, mailboxes, runs and people speak to a running server: --url http://127.0.0.1:7025, token from
MAILWEAVE_TOKEN or <data>/token. Behind a reverse proxy, --names lists the host names people type. Each option can be
set as MAILWEAVE_<OPTION> in the environment.`

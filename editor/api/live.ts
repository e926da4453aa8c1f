/** Keeps the screens' caches true while the server tells what happens: one event stream, patched in place, never polled. */
import type { QueryClient } from '@tanstack/react-query'
import type { LiveMessage, MailboxesView, OutboxPage, SandboxView } from '#shared/api.ts'
import { keys, type OutboxData, type RunsData, type RunsFilter } from './queries.ts'
import { isOverfull, patchRuns } from './runs-patch.ts'

/** Sandbox mails kept on screen; the server keeps its own bound. */
const sandboxMails = 200
/** Lists whose numbers only the server can count are asked again at most this often while mail pours in. */
export const askAgainMs = 1500
/** After the stream was refused (not merely cut, which the browser mends by itself). */
const reopenMs = 3000

/** What of an EventSource is used. */
export interface LiveSource {
  readonly readyState: number
  close(): void
  addEventListener(type: 'message' | 'error', listener: (event: MessageEvent) => void): void
}
/** What startLive needs of the browser; tests pass their own. */
export interface LivePorts {
  readonly open: (url: string) => LiveSource
  readonly later: (run: () => void, ms: number) => () => void
}

const browserPorts: LivePorts = {
  open: (url) => new EventSource(url, { withCredentials: true }),
  later: (run, ms) => {
    const timer = setTimeout(run, ms)
    return () => { clearTimeout(timer) }
  },
}

/** Starts the stream and returns the way to stop it. */
export function startLive(client: QueryClient, ports: LivePorts = browserPorts): () => void {
  const again = makeAskAgain(client, ports.later)
  let stopped = false
  let cancelReopen: (() => void) | null = null
  let source: LiveSource | null = null

  const open = (): void => {
    if (stopped) return
    const opened = ports.open('/api/events')
    source = opened
    opened.addEventListener('message', (event) => {
      const message = readMessage(event.data)
      if (message) applyLive(client, message, again.ask)
    })
    opened.addEventListener('error', () => {
      // CONNECTING: the browser tries again with Last-Event-ID. CLOSED: it gave up (an error status), so we do.
      if (opened.readyState !== 2 || stopped) return
      opened.close()
      void client.invalidateQueries({ queryKey: keys.me })
      cancelReopen = ports.later(() => {
        open()
        void client.invalidateQueries()
      }, reopenMs)
    })
  }
  open()
  return () => {
    stopped = true
    cancelReopen?.()
    again.stop()
    source?.close()
  }
}

function readMessage(data: unknown): LiveMessage | null {
  if (typeof data !== 'string') return null
  try {
    const message: unknown = JSON.parse(data)
    return typeof message === 'object' && message !== null && 'type' in message ? message as LiveMessage : null // told by our own server
  } catch {
    return null
  }
}

type AskAgain = (key: readonly unknown[]) => void

/** One message into the caches. What can be patched is; what only the server can count is asked again, gathered. */
export function applyLive(client: QueryClient, message: LiveMessage, ask: AskAgain): void {
  switch (message.type) {
    case 'runs':
      for (const [key, data] of client.getQueriesData<RunsData>({ queryKey: keys.allRuns })) {
        const filter = key[1] as RunsFilter // keys.runs puts it there
        if (!data) continue
        const patched = patchRuns(data, message.runs, filter)
        client.setQueryData<RunsData>(key, patched)
        // Cut off rows would be missing between the list and its cursor, so the list starts again from its newest page.
        if (isOverfull(patched)) ask(key)
      }
      for (const run of message.runs) {
        ask(keys.run(run.id))
        ask(keys.flow(run.flow))
      }
      ask(keys.flows)
      return
    case 'senders':
      ask(keys.senders)
      return
    case 'mailbox':
      client.setQueryData<MailboxesView>(keys.mailboxes, (view) => {
        if (!view) return view
        const same = (other: { connection: string; folder: string }) => other.connection === message.mailbox.connection && other.folder === message.mailbox.folder
        const mailboxes = view.mailboxes.some(same) ? view.mailboxes.map((one) => (same(one) ? message.mailbox : one)) : [...view.mailboxes, message.mailbox]
        return { mailboxes }
      })
      ask(keys.sandbox) // how many mails wait in its inbox
      return
    case 'flow':
      ask(keys.flows)
      ask(keys.flow(message.id))
      ask(keys.connections)
      ask(keys.mailboxes)
      return
    case 'connection':
      ask(keys.connections)
      ask(keys.folders(message.id))
      // It may be shared with other people now, and all that came or went through it with it.
      for (const key of [keys.flows, keys.mailboxes, keys.allRuns, keys.anyRun, keys.allOutbox]) ask(key)
      return
    case 'outbox':
      for (const [key, data] of client.getQueriesData<OutboxData>({ queryKey: keys.allOutbox })) {
        if (data) client.setQueryData<OutboxData>(key, withCounts(data, message.counts))
      }
      ask(keys.allOutbox)
      ask(keys.anyOutboxCount)
      return
    case 'sandbox':
      client.setQueryData<SandboxView>(keys.sandbox, (view) => {
        if (!view || view.sent.some((mail) => mail.id === message.mail.id)) return view
        return { ...view, sent: [message.mail, ...view.sent].slice(0, sandboxMails) }
      })
      ask(keys.sandbox)
      return
    case 'reload':
      ask([])
      return
  }
}

const withCounts = (data: OutboxData, counts: OutboxPage['counts']): OutboxData => ({ ...data, pages: data.pages.map((page) => ({ ...page, counts })) })

/** Gathers keys and asks for them again together: the first nearly at once, the rest at the end of the interval. A short key reaches all below it. */
export function makeAskAgain(client: QueryClient, later: LivePorts['later']): { readonly ask: AskAgain; readonly stop: () => void } {
  const waiting = new Map<string, readonly unknown[]>()
  let cancel: (() => void) | null = null
  const flush = (): void => {
    cancel = null
    if (waiting.size === 0) return
    cancel = later(flush, askAgainMs)
    for (const [name, queryKey] of waiting) {
      // An answer on its way may be older than the message; it is let arrive (cancelling would starve a slow server) and asked after.
      if (client.isFetching({ queryKey }) > 0) continue
      waiting.delete(name)
      void client.invalidateQueries({ queryKey })
    }
  }
  return {
    ask: (key) => {
      if (client.getQueryCache().findAll({ queryKey: key }).length === 0) return
      waiting.set(JSON.stringify(key), key)
      // 50 ms: what one message names is asked for once.
      cancel ??= later(flush, 50)
    },
    stop: () => { cancel?.() },
  }
}

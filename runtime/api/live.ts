/**
 * The live stream: what happens, told to every open page as server-sent events. Bursts are gathered into one message,
 * a page that was away catches up by Last-Event-ID or is told to load again, and nothing is done while nobody listens.
 */
import type { Request, Response } from 'express'
import type { LiveMessage, SandboxMail } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import type { MailweaveEvent } from '#shared/events.ts'
import type { RunId } from '#shared/ids.ts'
import { live } from '../limits.ts'
import type { ApiDeps } from './deps.ts'
import { viewMailbox } from './mailbox-views.ts'
import { countStates } from './outbox-views.ts'
import { makeRing } from './ring.ts'
import type { Identity } from './session.ts'
import type { Sight, Sights } from './sight.ts'

export interface Live {
  /** Takes the response over. API_TOO_MANY when too many listen already. */
  listen(request: Request, identity: Identity): Promise<(response: Response) => void>
  /** Ends the streams that a session opened. */
  endSession(session: string): void
  /** Ends a person's streams. */
  endPerson(who: string): void
  /** A person may do something else from now on: their pages load again. */
  reloadPerson(who: string): void
  stop(): void
}

interface Listener { readonly response: Response; readonly identity: Identity }
type LiveParts = Pick<ApiDeps, 'store' | 'events' | 'clock' | 'log' | 'mailboxes' | 'sandbox'>

export function makeLive({ store, events, clock, log, mailboxes, sandbox }: LiveParts, sights: Sights): Live {
  const listeners = new Set<Listener>()
  // Ids go on counting over restarts, so that a page of the process before is not taken for one of this.
  const ring = makeRing(Date.parse(clock.now()), { messages: live.ring, bytes: live.ringBytes })
  let awake = false
  let callOffSleep: (() => void) | null = null
  let callOffBeat: (() => void) | null = null
  let callOffFlush: (() => void) | null = null
  let flushing = false
  const gathered = { runs: new Set<RunId>(), mailboxes: new Set<string>(), outbox: false }

  const drop = (listener: Listener): void => {
    if (!listeners.delete(listener)) return
    listener.response.destroy()
    log.debug('live.left', { listeners: listeners.size })
    if (listeners.size > 0) return
    callOffBeat?.()
    callOffSleep = clock.after(live.lingerMs, () => { awake = false })
  }
  const write = (listener: Listener, text: string): void => {
    if (listener.response.writableLength > live.clientBytes) {
      log.warn('live.slow', { unsent: listener.response.writableLength })
      drop(listener)
    } else listener.response.write(text)
  }
  const send = (message: LiveMessage): void => {
    const { text } = ring.add(JSON.stringify(message))
    for (const listener of listeners) write(listener, text)
  }
  /** Of runs, mailboxes and the outbox each page is told what its person may see. Nothing is awaited once the message has its number. */
  const sendSeen = async (message: LiveMessage): Promise<void> => {
    const data = JSON.stringify(message)
    const seen = new Map<Listener, string>()
    for (const listener of listeners) {
      const sight = await sights.of(listener.identity)
      seen.set(listener, sight.all ? data : JSON.stringify(await seenOf(store, message, sight)))
    }
    const { text, id } = ring.add(data)
    // Who came meanwhile loads again.
    for (const listener of listeners) write(listener, seen.get(listener) === data ? text : `id: ${id}\ndata: ${seen.get(listener) ?? reload}\n\n`)
  }
  const hasGathered = (): boolean => gathered.runs.size > 0 || gathered.mailboxes.size > 0 || gathered.outbox
  /** How many runs it told of. */
  const flush = async (): Promise<number> => {
    const runs = [...gathered.runs]
    const changed = new Set(gathered.mailboxes)
    const outbox = gathered.outbox
    gathered.runs.clear()
    gathered.mailboxes.clear()
    gathered.outbox = false
    if (runs.length > live.mostRuns) send({ type: 'reload' })
    else if (runs.length > 0) await sendSeen({ type: 'runs', runs: await store.runSummaries(runs) })
    if (changed.size > 0) for (const mailbox of mailboxes()) if (changed.has(mailboxKey(mailbox))) await sendSeen({ type: 'mailbox', mailbox: await viewMailbox(store, clock, mailbox) })
    if (outbox) await sendSeen({ type: 'outbox', counts: (await store.outbox({ limit: 1 })).counts })
    return runs.length
  }
  const flushIn = (ms: number): void => {
    // Two flushes never overlap: what the store said earlier must not be told after what it said later.
    if (flushing) return
    callOffFlush ??= clock.after(ms, () => {
      callOffFlush = null
      flushing = true
      flush().catch((error: unknown) => {
        log.warn('live.unread', { reason: String(error) })
        send({ type: 'reload' })
        return 0
      }).then((runs) => {
        flushing = false
        // A burst goes on: gather longer, so that it costs the engine next to nothing.
        if (runs > live.busyRuns) flushIn(live.busyMs)
        else if (hasGathered()) flushIn(live.gatherMs)
      }, () => {})
    })
  }
  const beat = (): void => {
    callOffBeat = clock.after(live.heartbeatMs, () => {
      for (const listener of listeners) write(listener, ': still here\n\n')
      beat()
    })
  }
  const heard = (event: MailweaveEvent): void => {
    if (!awake) {
      ring.miss()
      return
    }
    switch (event.type) {
      case 'flow.saved': case 'flow.deleted': case 'flow.stopped': case 'flow.deployed':
        send({ type: 'flow', id: event.flow })
        return
      case 'connection.saved': case 'connection.deleted':
        send({ type: 'connection', id: event.connection })
        return
      case 'sender.changed':
        send({ type: 'senders' })
        return
      case 'mailbox.changed': case 'mailbox.looked': case 'mailbox.failed': case 'mailbox.closed':
        gathered.mailboxes.add(mailboxKey(event))
        break
      case 'send.sent': case 'send.deferred': case 'send.refused': case 'send.unknown': case 'send.bounced': case 'send.decided':
        gathered.outbox = true
        gathered.runs.add(event.run)
        break
      default:
        gathered.runs.add(event.run)
    }
    flushIn(live.gatherMs)
  }
  const told = (mail: SandboxMail): void => {
    if (awake) send({ type: 'sandbox', mail })
    else ring.miss()
  }
  const unsubscribe = [events.subscribe(heard), ...(sandbox ? [sandbox.subscribe(told)] : [])]

  return {
    listen: async (request, identity) => {
      const { all } = await sights.of(identity)
      if (listeners.size >= live.clients) throw fault('API_TOO_MANY', { seconds: live.heartbeatMs / 1000 })
      return (response) => {
        response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
        if (request.method === 'HEAD') {
          response.end()
          return
        }
        response.flushHeaders()
        const listener = { response, identity }
        callOffSleep?.()
        awake = true
        if (listeners.size === 0) beat()
        listeners.add(listener)
        response.on('close', () => { drop(listener) })
        response.on('error', () => { drop(listener) })
        write(listener, `retry: 2000\n${ring.since(placeOf(request, all))}`)
      }
    },
    endSession: (session) => {
      for (const listener of listeners) if (session !== '' && listener.identity.session === session) drop(listener)
    },
    endPerson: (who) => {
      for (const listener of listeners) if (listener.identity.who === who) drop(listener)
    },
    reloadPerson: (who) => {
      for (const listener of listeners) if (listener.identity.who === who) write(listener, `data: ${reload}\n\n`)
    },
    stop: () => {
      for (const stopListening of unsubscribe) stopListening()
      for (const listener of listeners) drop(listener)
      callOffSleep?.()
      callOffBeat?.()
      callOffFlush?.()
      awake = false
    },
  }
}

const reload = JSON.stringify({ type: 'reload' } satisfies LiveMessage)

/** A mailbox that is not shared is not spoken of; its page has nothing to do. */
async function seenOf(store: LiveParts['store'], message: LiveMessage, sight: Sight): Promise<LiveMessage> {
  if (message.type === 'outbox') return { ...message, counts: await countStates(store, sight) }
  if (message.type === 'runs') return { ...message, runs: await sight.runs(message.runs) }
  return message.type !== 'mailbox' || sight.shows(message.mailbox.connection) ? message : { type: 'runs', runs: [] }
}

const mailboxKey = ({ connection, folder }: { readonly connection: string; readonly folder: string }): string => `${connection}\n${folder}`

/** null at the first visit; a text that is no number counts as one from another life. */
function lastEventId(request: Request): number | null {
  const header = request.headers['last-event-id']
  if (header === undefined || header === '') return null
  const id = Number(header)
  return Number.isSafeInteger(id) ? id : -1
}

/** What is kept was written for whoever sees all; others load again when they missed something. */
const placeOf = (request: Request, all: boolean): number | null => {
  const id = lastEventId(request)
  return all || id === null ? id : -1
}

/** The corpus of real and broken mails, drained from Dovecot through a flow into a scripted SMTP server. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { RunSummary } from '#shared/run.ts'
import { dropFolder, makeFolder, startProduct } from '../product.ts'
import { dovecot } from '../servers/dovecot.ts'
import { smtpServer, type AcceptedMail } from '../servers/smtp-server.ts'
import { until } from '../until.ts'
import { flowThrough, rowsTo } from '../world.ts'

const corpusFolder = path.resolve(import.meta.dirname, '../../../shared/corpus')
/** With CI set a missing corpus fails instead of being skipped. */
export const hasCorpus = (): boolean => {
  const there = existsSync(path.join(corpusFolder, 'MANIFEST.tsv'))
  if (!there && process.env['CI']) throw new Error(`The corpus is missing: ${corpusFolder}`)
  if (!there) console.warn(`corpus tests are skipped: there is no ${corpusFolder}`)
  return there
}
export const corpusNames = (): readonly string[] => readFileSync(path.join(corpusFolder, 'MANIFEST.tsv'), 'utf8').split('\n').slice(1).flatMap((line) => line.split('\t')[0] || [])
export const corpusMail = (name: string): Buffer => readFileSync(path.join(corpusFolder, name))

const flow = flowThrough('corpus', rowsTo('tickets@dest.example', 'Ticket: '))

export interface Drained {
  readonly mails: number
  readonly runs: readonly RunSummary[]
  readonly accepted: readonly AcceptedMail[]
  /** Of the product's event loop. */
  readonly longestStallMs: number
  /** It ended by itself before it was asked to. */
  readonly died: boolean
}

export async function drainCorpus(): Promise<Drained> {
  const opened: (() => Promise<unknown>)[] = []
  try {
    const inbox = await dovecot()
    opened.push(() => inbox.stop())
    const sink = await smtpServer()
    opened.push(() => sink.stop())
    await inbox.addUser('u0')
    const names = corpusNames()
    for (const name of names) await inbox.put('u0', corpusMail(name))
    const folder = await makeFolder()
    opened.push(() => dropFolder(folder))
    const product = await startProduct(folder)
    opened.push(() => product.kill('SIGTERM'))
    let died = false
    void product.ended.then(() => { died = true })
    await product.api('PUT', '/api/connections/inbox', { id: 'inbox', name: 'Inbox', kind: 'imap', host: 'localhost', port: inbox.imaps, security: 'tls', certificate: inbox.ca, user: 'u0', password: inbox.password })
    await product.api('PUT', '/api/connections/outbox', { id: 'outbox', name: 'Outbox', kind: 'smtp', host: '127.0.0.1', port: sink.port, security: 'none' })
    // Each question clears the histogram and with it the sample under way: it is asked at the begin and at the end.
    const stall = async (): Promise<number> => {
      const answer = await fetch(`${product.url}/metrics`, { headers: { authorization: `Bearer ${product.token}` } })
      return 1000 * figureOf(await answer.text(), 'nodejs_eventloop_lag_seconds{quantile="1"}')
    }
    await stall()
    await product.deploy(flow)
    const refused = async (): Promise<number> => (await product.runs('state=failed')).length
    await until(async () => died || sink.accepted.length + await refused() >= names.length)
    const longestStallMs = died ? 0 : await stall()
    const runs = died ? [] : await until(() => product.runs(), (all) => all.every((run) => run.state === 'done' || run.state === 'failed'))
    return { mails: names.length, runs, accepted: [...sink.accepted], longestStallMs, died }
  } finally {
    for (const stop of opened.toReversed()) await stop()
  }
}

function figureOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`no ${name} among the metrics`)
  return Number(line.slice(name.length + 1))
}

/** Runs by state and code. */
export function countRuns(runs: readonly RunSummary[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state, problem } of runs) {
    const key = problem ? `${state} ${problem.code}` : state
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

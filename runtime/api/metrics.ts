/** Figures in Prometheus' text format: counted from the event stream, the rest read when somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MailboxHealth } from '#shared/connection.ts'
import type { MailweaveEvent } from '#shared/events.ts'
import type { ApiDeps } from './deps.ts'
import { dayStartOf } from './inputs.ts'

export interface Metrics {
  text(): Promise<string>
  stop(): void
}

/** Fine enough to show a stall that people feel; the sampling costs nothing measurable at this pace. */
const lagResolutionMs = 50
const healths: readonly MailboxHealth[] = ['connected', 'polling', 'idle', 'backing-off', 'needs-attention', 'deaf', 'stopped']

export function makeMetrics({ events, store, mailboxes, clock, config }: Pick<ApiDeps, 'events' | 'store' | 'mailboxes' | 'clock' | 'config'>): Metrics {
  const counters = { queued: 0, done: 0, failed: 0, bounced: 0, sent: 0, cameBack: 0, deferred: 0, refused: 0, unknown: 0, looks: 0, fresh: 0, lookMs: 0, settled: 0, deployed: 0 }
  const startedMs = clock.steadyMs()
  // Begun by the first question, so that an installation nobody measures pays for no timer.
  let lag: ReturnType<typeof monitorEventLoopDelay> | null = null
  const count = (event: MailweaveEvent): void => {
    switch (event.type) {
      case 'run.queued': counters.queued += 1; break
      case 'run.finished': counters[event.state] += 1; break
      case 'run.bounced': counters.bounced += 1; break
      case 'send.bounced': counters.cameBack += 1; break
      case 'send.sent': counters.sent += 1; break
      case 'send.deferred': counters.deferred += 1; break
      case 'send.refused': counters.refused += 1; break
      case 'send.unknown': counters.unknown += 1; break
      case 'mail.settled': counters.settled += 1; break
      case 'flow.deployed': counters.deployed += 1; break
      case 'mailbox.looked':
        counters.looks += 1
        counters.fresh += event.fresh
        counters.lookMs += event.ms
        break
      default:
    }
  }
  const stopCounting = events.subscribe(count)

  return {
    text: async () => {
      if (!lag) {
        lag = monitorEventLoopDelay({ resolution: lagResolutionMs })
        lag.enable()
      }
      const now = clock.now()
      const running = await store.runningFlows()
      const today = await Promise.all(running.map(async ({ flow }) => ({ flow, ...(await store.flowCounts(flow, now, dayStartOf(undefined, clock))).today })))
      const { counts } = await store.outbox({ limit: 1 })
      const watched = mailboxes()
      const memory = process.memoryUsage()
      const text = [
        metric('mailweave_info', 'gauge', 'What runs here.', [[{ version: config.version }, 1]]),
        metric('mailweave_uptime_seconds', 'gauge', 'Since the start.', [[{}, Math.round((clock.steadyMs() - startedMs) / 1000)]]),
        metric('mailweave_runs_total', 'counter', 'Runs since the start.', byLabel('state', { queued: counters.queued, done: counters.done, failed: counters.failed, bounced: counters.bounced })),
        metric('mailweave_runs_today', 'gauge', 'Runs of the running flows since midnight.',
          today.flatMap(({ flow, done, failed, open }) => byLabel('state', { done, failed, open }).map(([labels, value]): Sample => [{ flow, ...labels }, value]))),
        metric('mailweave_sends_total', 'counter', 'Outcomes of sending since the start.',
          byLabel('outcome', { sent: counters.sent, deferred: counters.deferred, refused: counters.refused, unknown: counters.unknown, bounced: counters.cameBack })),
        metric('mailweave_outbox', 'gauge', 'Mails in the outbox.', byLabel('state', counts)),
        metric('mailweave_mails_settled_total', 'counter', 'Mails marked, moved or deleted on their server after a run.', [[{}, counters.settled]]),
        metric('mailweave_flows_running', 'gauge', 'Flows that run.', [[{}, running.length]]),
        metric('mailweave_deploys_total', 'counter', 'Deploys since the start.', [[{}, counters.deployed]]),
        metric('mailweave_mailboxes', 'gauge', 'Watched mailboxes.',
          healths.map((health): Sample => [{ health }, watched.filter((mailbox) => mailbox.health === health).length])),
        metric('mailweave_mailbox_looks_total', 'counter', 'Looks into mailboxes.', [[{}, counters.looks]]),
        metric('mailweave_mailbox_look_seconds_total', 'counter', 'Time spent looking.', [[{}, counters.lookMs / 1000]]),
        metric('mailweave_mails_fresh_total', 'counter', 'Mails found new.', [[{}, counters.fresh]]),
        metric('process_resident_memory_bytes', 'gauge', 'Memory of the process.', [[{}, memory.rss]]),
        metric('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', [[{}, memory.heapUsed]]),
        metric('nodejs_eventloop_lag_seconds', 'gauge', 'How late the event loop was since the last question.',
          ([0.5, 0.99, 1] as const).map((quantile): Sample => [{ quantile: String(quantile) }, lateBy(lag?.percentile(quantile * 100) ?? 0)])),
      ]
      lag.reset()
      return text.join('')
    },
    stop: () => {
      stopCounting()
      lag?.disable()
    },
  }
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

const byLabel = (label: string, values: Readonly<Record<string, number>>): readonly Sample[] => Object.entries(values).map(([key, value]) => [{ [label]: key }, value])

/** The histogram holds the whole interval in nanoseconds; what is over the resolution was the delay. */
const lateBy = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - lagResolutionMs / 1000)

/** Prometheus' text format 0.0.4. */
function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text.replace(/[\\"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`))}"`)
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

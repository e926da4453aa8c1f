/** Mailweave as its users start it: a process of its own with a data folder and a flows folder, spoken to over HTTP, killed at will. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { OutboxPage, RunsPage, RunView } from '#shared/api.ts'
import type { Flow } from '#shared/flow.ts'
import type { RunSummary } from '#shared/run.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const program = path.join(root, 'runtime', 'cli', 'main.ts')
/** As the launcher has them: without, the process may use twice the memory. */
const memory = [...readFileSync(path.join(root, 'bin', 'mailweave.mjs'), 'utf8').matchAll(/'(--[\w-]+=\d+)'/g)].map(([, flag = '']) => flag)
const token = 'test-token-0123456789abcdef'

export interface ProductOptions {
  readonly sandbox?: boolean
  /** Further environment, e.g. MAILWEAVE_FAULT. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Product {
  readonly folder: string
  readonly url: string
  readonly token: string
  readonly signIn: string
  readonly pid: number
  /** What it wrote to its log so far. */
  log(): string
  api<T>(method: string, path: string, body?: unknown): Promise<T>
  runs(query?: string): Promise<readonly RunSummary[]>
  run(id: string): Promise<RunView>
  outbox(query?: string): Promise<OutboxPage>
  /** Saves and deploys; returns the version. */
  deploy(flow: Flow): Promise<number>
  /** Resolves when the process has ended, with its exit code or signal. */
  readonly ended: Promise<number | string>
  kill(signal: NodeJS.Signals): Promise<number | string>
}

/** The folder a world keeps over restarts. */
export const makeFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'mailweave-test-'))
export const dropFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

export async function startProduct(folder: string, options: ProductOptions = {}): Promise<Product> {
  await mkdir(path.join(folder, 'flows'), { recursive: true })
  const words = ['serve', '--port', '0', '--data', path.join(folder, 'data'), '--flows', path.join(folder, 'flows'), ...(options.sandbox ? [] : ['--no-sandbox'])]
  // The channel carries nothing: when the tests die, it closes, and the product ends with them.
  const child = spawn(process.execPath, [...memory, program, ...words], { env: { ...process.env, MAILWEAVE_TOKEN: token, MAILWEAVE_FAULT: '', ...options.env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string)
  let log = ''
  child.stderr?.on('data', (bytes: Buffer) => { log += bytes.toString() })
  const signIn = await linkOf(child)
  if (signIn === null) throw new Error(`the product ended with ${await ended} before it was ready:\n${log}`)
  const url = new URL(signIn).origin
  const api = async <T>(method: string, where: string, body?: unknown): Promise<T> => {
    const answer = await fetch(url + where, {
      method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${text}`)
    // The caller names the type of the route it asks.
    return (text === '' ? null : JSON.parse(text)) as T
  }
  return {
    folder, url, token, signIn, ended, api,
    pid: child.pid ?? 0,
    log: () => log,
    runs: async (query = '') => allRuns(api, query),
    run: (id) => api('GET', `/api/runs/${id}`),
    outbox: (query = '') => api('GET', `/api/outbox?limit=200&${query}`),
    deploy: async (flow) => {
      await api('PUT', `/api/flows/${flow.id}`, flow)
      return (await api<{ version: number }>('POST', `/api/flows/${flow.id}/deploy`, {})).version
    },
    kill: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

async function allRuns(api: Product['api'], query: string): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = []
  let cursor = ''
  do {
    const page = await api<RunsPage>('GET', `/api/runs?limit=200&${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
    runs.push(...page.runs)
    cursor = page.next ?? ''
  } while (cursor !== '')
  return runs
}

/** null when the process has closed its output without one. */
async function linkOf(child: ChildProcess): Promise<string | null> {
  if (!child.stdout) return null
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /http:\/\/\S+\/sign-in#\S+/.exec(line)?.[0]
    if (link) return link
  }
  return null
}

/**
 * Twenty mails through the product while its system calls fail or kill it (strace), again and again on the same prepared data:
 * what it leaves must be what an undisturbed run leaves, and a further run without news must write nothing at all.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { MailboxesView } from '#shared/api.ts'
import { startProduct } from '../product.ts'
import { until } from '../until.ts'
import { letter, mailWorld } from '../world.ts'
import { readLedger, subjectOf } from './ledger.ts'

/** What strace does to which call, in its own words: `fdatasync:signal=SIGKILL:when=3`; null leaves the product alone. */
export type Injection = string | null

export interface Endured {
  /** What the disturbed process ended with; 0 when it came through. */
  readonly ended: number | string
  /** Runs, rows of the outbox, marks on the mailbox and mails at the server, each a line; the same for all runs that kept the promise. */
  readonly state: readonly string[]
  /** When the process died: marks on the mailbox without a run that has ended, and mails at the server without a row that says so. */
  readonly unwritten: readonly string[]
  /** Second copies at the server, and times the ledger says that a mail may be out. */
  readonly doubles: number
  readonly unknown: number
  /** Files that a run without news left otherwise than it found them. */
  readonly idleWrote: readonly string[]
}

export interface DiskBed {
  endure(injection: Injection): Promise<Endured>
  stop(): Promise<void>
}

export const bedMails = 20
/** Asked for by `describe.skipIf`; with CI set a missing strace fails instead of being skipped. */
export const hasStrace = (): boolean => {
  const there = existsSync('/usr/bin/strace')
  if (!there && process.env['CI']) throw new Error('strace is missing: run "npm run test:setup" as root')
  return there
}
/** Every fifth mail is a file in the data folder, on its way in and on its way out. */
const largeBytes = 400 * 1024

export async function diskBed(): Promise<DiskBed> {
  const world = await mailWorld()
  const data = path.join(world.folder, 'data')
  const prepared = path.join(world.folder, 'prepared')
  const lookedAt = () => until(async () => (await world.product.api<MailboxesView>('GET', '/api/mailboxes')).mailboxes[0]?.lastLookAt)
  await lookedAt()
  await world.product.kill('SIGTERM')
  renameSync(data, prepared)

  /** Until every mail has had its last step, or the process is gone; then what it ended with. */
  async function work(injection: Injection, arrive: () => void): Promise<number | string> {
    // The calls are counted by thread: one thread for all that waits for the disk.
    world.product = await startProduct(world.folder, injection === null ? {} : { env: { UV_THREADPOOL_SIZE: '1' } })
    if (injection !== null) await attach(injection, data, world.product.pid)
    arrive()
    const gone = { is: false }
    void world.product.ended.then(() => { gone.is = true })
    await until(() => gone.is || world.unread() === 0)
    return world.product.kill('SIGTERM')
  }

  async function idle(): Promise<readonly string[]> {
    // A closing that could not move its log left that to the next opening: it is moved here, so that moving is not taken for writing.
    const db = new DatabaseSync(path.join(data, 'ledger.sqlite'))
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
    const before = printsOf(data)
    world.product = await startProduct(world.folder)
    await lookedAt()
    await world.product.kill('SIGTERM')
    const after = printsOf(data)
    return [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file))
  }

  return {
    async endure(injection) {
      rmSync(data, { recursive: true, force: true })
      cpSync(prepared, data, { recursive: true })
      const inbox = world.imap.store.folder('u0', 'INBOX')
      if (!inbox) throw new Error('there is an inbox')
      world.imap.store.remove('u0', inbox, new Set(inbox.mails.map((mail) => mail.uid)))
      const before = world.smtp.accepted.length
      const ended = await work(injection, () => {
        for (let nth = 0; nth < bedMails; nth += 1) world.arrive(letter(`Mail ${nth}`, nth % 5 === 2 ? { body: 'x'.repeat(largeBytes) } : {}))
      })
      const file = path.join(data, 'ledger.sqlite')
      const left = readLedger(file).lines
      const seen = inbox.mails.filter((mail) => mail.flags.has('\\Seen')).map((mail) => `run ${subjectOf(mail.bytes)} done `)
      const missing = (...begins: readonly string[]): boolean => !left.some((line) => begins.some((begin) => line.startsWith(begin)))
      const unwritten = [...seen.filter((begin) => missing(begin)), ...world.subjects().slice(before).filter((subject) => missing(`send ${subject} sending `, `send ${subject} sent `))]
      // As whoever looks after a server would.
      if (ended !== 0) await work(null, () => {})
      const arrived = world.subjects().slice(before)
      const ledger = readLedger(file)
      const marks = inbox.mails.map((mail) => `mailbox ${subjectOf(mail.bytes)} ${[...mail.flags].toSorted().join(' ')}`)
      const idleWrote = await idle()
      return {
        ended, unwritten, idleWrote, unknown: ledger.unknown,
        doubles: world.smtp.accepted.length - before - new Set(arrived).size,
        state: [...ledger.lines, ...marks, ...[...new Set(arrived)].map((subject) => `server ${subject}`)].toSorted(),
      }
    },
    stop: () => world.stop(),
  }
}

/** Resolves when every thread of the process is under its eyes. Writes are counted where they go to the ledger or its log. */
async function attach(injection: string, data: string, pid: number): Promise<void> {
  const [call = ''] = injection.split(':')
  const only = call.includes('write') ? ['ledger.sqlite', 'ledger.sqlite-wal'].flatMap((file) => ['-P', path.join(data, file)]) : []
  const tracer = spawn('strace', ['-f', '-p', String(pid), '-e', `trace=${call}`, '-e', `inject=${injection}`, ...only, '-o', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const refused = once(tracer, 'exit').then(() => { throw new Error(`strace could not attach: ${said}`) })
  tracer.stderr.on('data', (bytes: Buffer) => { said += bytes.toString() })
  await Promise.race([refused, until(() => said.includes('attached'))])
  refused.catch(() => {})
}

/** Of each file in the data folder that holds anything; `pid` names the process, and the index of the log is rebuilt by whoever opens it. */
function printsOf(data: string): ReadonlyMap<string, string> {
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((file) => file !== 'pid' && !file.endsWith('-shm') && statSync(path.join(data, file)).isFile())
  const whole = files.map((file) => [file, readFileSync(path.join(data, file))] as const).filter(([, bytes]) => bytes.length > 0)
  return new Map(whole.map(([file, bytes]) => [file, createHash('sha256').update(bytes).digest('hex')]))
}

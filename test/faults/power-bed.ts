/**
 * A disk of its own (ext4 on a loop device) that loses power: what the kernel had not brought to it by then is gone. The
 * product goes on with the disk as it was at that instant, while the mail servers remember everything it ever told them.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startProduct } from '../product.ts'
import { until } from '../until.ts'
import { mailWorld, type World, type WorldOptions } from '../world.ts'
import { readLedger, subjectOf } from './ledger.ts'

export interface PowerBed {
  readonly world: World
  /** Cuts the power, holds what the disk has against what the servers were told, and starts the product on that disk. */
  losePower(): Promise<Lost>
  stop(): Promise<void>
}
export interface Lost {
  /** Mails marked on the mailbox whose run has not ended on the disk, and mails at the server whose row was not even begun. */
  readonly missing: readonly string[]
  /** SQLite's own words about the file; 'ok'. */
  readonly integrity: string
}

const diskBytes = 512 * 1024 * 1024
const mount = (image: string, on: string): void => { execFileSync('mount', ['-o', 'loop', image, on]) }

/** Asked for by `describe.skipIf`; with CI set a machine without loop devices fails instead of being skipped. */
export function hasLoop(): boolean {
  const there = process.getuid?.() === 0 && existsSync('/dev/loop-control') && spawnSync('losetup', ['--find']).status === 0
  if (!there && process.env['CI']) throw new Error('a power loss needs root and loop devices')
  return there
}

export async function powerBed(options: WorldOptions = {}): Promise<PowerBed> {
  const outside = mkdtempSync(path.join(tmpdir(), 'mailweave-power-'))
  const image = path.join(outside, 'disk')
  const on = path.join(outside, 'mounted')
  mkdirSync(on)
  writeFileSync(image, '')
  truncateSync(image, diskBytes)
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  mount(image, on)
  const folder = path.join(on, 'product')
  mkdirSync(folder)
  const world = await mailWorld({ ...options, folder })

  return {
    world,
    async losePower() {
      const { product, smtp, imap } = world
      process.kill(product.pid, 'SIGSTOP')
      // Whoever waits for the disk has its answer before it stops: what is written then is written.
      await until(() => threadsOf(product.pid).every((state) => state === 'T'))
      const marked = imap.store.folder('u0', 'INBOX')?.mails.filter((mail) => mail.flags.has('\\Seen')).map((mail) => subjectOf(mail.bytes)) ?? []
      const sent = smtp.accepted.map((mail) => subjectOf(mail.bytes))
      const then = path.join(outside, 'then')
      execFileSync('cp', ['--sparse=always', image, then])
      await product.kill('SIGKILL')
      execFileSync('umount', [on])
      renameSync(then, image)
      mount(image, on)
      const lines = ledgerOn(folder, outside)
      const ended = new Set(lines.flatMap((line) => /^run (.*) done \S+ \d+$/.exec(line)?.[1] ?? []))
      const begun = new Set(lines.flatMap((line) => /^send (.*) (?:sending|sent|unknown) /.exec(line)?.[1] ?? []))
      world.product = await startProduct(folder)
      return {
        missing: [...marked.filter((subject) => !ended.has(subject)).map((subject) => `marked: ${subject}`), ...sent.filter((subject) => !begun.has(subject)).map((subject) => `sent: ${subject}`)],
        integrity: lines.filter((line) => line.startsWith('integrity ')).join('; ').replace('integrity ', ''),
      }
    },
    async stop() {
      await world.stop()
      execFileSync('umount', [on])
      rmSync(outside, { recursive: true, force: true })
    },
  }
}

/** T: stopped (proc(5) stat, the letter behind the name in brackets). */
const threadsOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))?.[1] ?? '')

/** Read on a copy: opening the ledger would change the disk that the product is to find. */
function ledgerOn(folder: string, outside: string): readonly string[] {
  const copy = path.join(outside, 'copy')
  mkdirSync(copy)
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal']) if (existsSync(path.join(folder, 'data', name))) copyFileSync(path.join(folder, 'data', name), path.join(copy, name))
  const { lines } = readLedger(path.join(copy, 'ledger.sqlite'))
  rmSync(copy, { recursive: true })
  return lines
}

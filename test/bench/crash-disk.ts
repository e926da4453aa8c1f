/**
 * The product killed at every fdatasync and fsync of twenty mails, and refused every n-th write and sync: node test/bench/crash-disk.ts
 * [--writes 20]  Each time it is started again, must end as if nothing had happened, and then find nothing to write.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { bedMails, diskBed, type Endured } from '../faults/disk-bed.ts'
import { hold } from './verdict.ts'

const { values } = parseArgs({ options: { writes: { type: 'string', default: '20' } } })
/** Of some 900 writes of the ledger every so many-th is refused. */
const step = Number(values.writes)
/** More calls of a kind than twenty mails ever need: the loop ends before, at the first that nothing meets. */
const enough = 2000

const bed = await diskBed()
const undisturbed = await bed.endure(null)
hold('undisturbed: lines that say run, row, mark, mail', undisturbed.state.length - 1, `${bedMails * 4}`, undisturbed.state.length === bedMails * 4 + 1)

/** Disturbs at the first, the next and so on until told to stop, and holds each against the undisturbed run. */
async function each(name: string, injectionAt: (n: number) => string, by: number, until: (endured: Endured, n: number) => boolean): Promise<void> {
  let points = 0
  let doubles = 0
  let unknown = 0
  const broken: string[] = []
  for (let n = 1; n < enough; n += by) {
    const endured = await bed.endure(injectionAt(n))
    if (until(endured, n)) break
    points += 1
    doubles += endured.doubles
    unknown += endured.unknown
    const kept = isDeepStrictEqual(endured.state, undisturbed.state) && endured.unwritten.length === 0 && endured.doubles <= endured.unknown && endured.idleWrote.length === 0
    if (!kept) {
      broken.push(injectionAt(n))
      console.log(`${injectionAt(n)}: ended ${endured.ended}, ${endured.doubles} doubled of ${endured.unknown} unknown, unwritten ${endured.unwritten.join('; ')}, idle wrote ${endured.idleWrote.join(', ')}`)
      console.log(`  otherwise: ${endured.state.filter((line) => !undisturbed.state.includes(line)).join('; ')}`)
    }
  }
  hold(`${name}: points, ${doubles} doubled of ${unknown} unknown`, points, 'all kept', broken.length === 0 && points > 0)
}

const died = (endured: Endured): boolean => endured.ended !== 0
try {
  for (const call of ['fdatasync', 'fsync']) await each(`killed at each ${call}`, (n) => `${call}:signal=SIGKILL:when=${n}`, 1, (endured) => !died(endured))
  await each('EIO at each fdatasync', (n) => `fdatasync:error=EIO:when=${n}`, 1, (endured) => !died(endured))
  await each('EIO at each fsync', (n) => `fsync:error=EIO:when=${n}`, 1, (_, n) => n > 16)
  for (const error of ['ENOSPC', 'EIO']) await each(`${error} at every ${step}th write`, (n) => `pwrite64:error=${error}:when=${n}`, step, (_, n) => n > 1000)
  await each(`ENOSPC at forty writes from every ${step * 4}th`, (n) => `pwrite64:error=ENOSPC:when=${n}..${n + 40}`, step * 4, (_, n) => n > 1000)
} finally {
  await bed.stop()
}

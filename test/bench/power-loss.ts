/**
 * Power losses while mails drain: the disk is a loop device whose image is taken at an instant while the product stands still, and
 * the product goes on from that image.   node test/bench/power-loss.ts [losses 50] [mails 3000]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { powerBed } from '../faults/power-bed.ts'
import { allSends, doubles, said } from '../faults/sends.ts'
import { letter, messageIds } from '../world.ts'
import { hold } from './verdict.ts'

const losses = Number(process.argv[2] ?? 50)
const mails = Number(process.argv[3] ?? 3000)
/** Some are files in the data folder, on their way in and out. */
const letterOf = (nth: number): Buffer => letter(`Mail ${nth}`, nth % 25 === 7 ? { body: 'x'.repeat(400 * 1024) } : {})
/** So that the last loss comes before the last mail. */
const answerMs = 10

const bed = await powerBed({ smtp: { keepAtDot: true, dot: () => ({ later: pause(answerMs).then(() => '250 2.0.0 queued' as const) }) } })
try {
  const { world } = bed
  let arrived = 0
  let missing = 0
  let broken = 0
  for (let nth = 0; nth < losses; nth += 1) {
    for (const upTo = Math.ceil(mails * (nth + 1) / losses); arrived < upTo; arrived += 1) world.arrive(letterOf(arrived))
    await pause(Math.random() * 1000)
    const lost = await bed.losePower()
    missing += lost.missing.length
    if (lost.integrity !== 'ok') broken += 1
    if (lost.missing.length > 0 || lost.integrity !== 'ok') console.log(`loss ${nth}: ${lost.integrity}; ${lost.missing.join(', ')}`)
  }
  const runs = await world.settled(mails)
  const sends = await allSends(world)
  const unknown = sends.flatMap(said).filter((what) => what === 'unknown').length
  const twice = doubles(world)
  const silent = twice.filter((id) => !said(sends.find((send) => send.messageId === id)).includes('unknown'))
  console.log(`${losses} power losses in ${mails} mails`)
  hold('told to a server and missing on the disk', missing, '0', missing === 0)
  hold('disks that SQLite finds broken', broken, '0', broken === 0)
  hold('runs that are done', runs.filter((run) => run.state === 'done').length, `${mails}`, runs.every((run) => run.state === 'done'))
  hold('mails at the server', messageIds(world.smtp).size, `${mails}`, messageIds(world.smtp).size === mails)
  hold(`doubled, of ${unknown} times said unknown`, world.smtp.accepted.length - mails, `≤ ${unknown}`, world.smtp.accepted.length - mails <= unknown && silent.length === 0)
} finally {
  await bed.stop()
}

import { expect, test } from 'vitest'
import { saveAgainMs, saveIdleMs } from '../../editor/store/save.ts'
import { emptyFlow, saverAtDesk } from '../editor-driver.ts'

const flow = (name: string) => emptyFlow(name)

test('[ED10] a pause in the work saves the newest state once, with the mark of the file it came from', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('a'))
  desk.pass(saveIdleMs - 1)
  desk.saver.changed(flow('b'))
  desk.pass(saveIdleMs - 1)
  expect(desk.asked).toEqual([])
  desk.pass(1)
  expect(desk.asked.map((put) => [put.flow.name, put.etag])).toEqual([['b', 'etag-1']])
  await desk.answer({ ok: true, etag: 'etag-2' })
  expect(desk.told).toEqual(['changed', 'changed', 'saving', 'saved'])
  expect(desk.saver.isClean()).toBe(true)
  expect(desk.waiting()).toBe(0)
})

test('[ED10] what changes during a save goes out after it, over the new mark; never two saves at once', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('a'))
  const done = desk.saver.saveNow()
  desk.saver.changed(flow('b'))
  desk.pass(saveIdleMs)
  expect(desk.asked).toHaveLength(1)
  await desk.answer({ ok: true, etag: 'etag-2' })
  expect(desk.asked.map((put) => [put.flow.name, put.etag])).toEqual([['b', 'etag-2']])
  await desk.answer({ ok: true, etag: 'etag-3' })
  expect(await done).toBe(true)
  expect(desk.saver.etag()).toBe('etag-3')
  expect(desk.told.at(-1)).toBe('saved')
})

test('[ED11] a save over someone else\'s is not made: it waits for a person and says so', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('mine'))
  desk.pass(saveIdleMs)
  await desk.answer({ ok: false, conflict: true, say: 'changed' })
  desk.saver.changed(flow('mine, more'))
  desk.pass(60_000)
  expect(desk.asked).toEqual([])
  expect(await desk.saver.saveNow()).toBe(false)
  expect(desk.told.at(-1)).toBe('conflict')
  // "Keep mine": the other's mark is taken, so the save goes over it.
  desk.saver.takeEtag('etag-theirs')
  const kept = desk.saver.saveNow()
  expect(desk.asked.map((put) => [put.flow.name, put.etag])).toEqual([['mine, more', 'etag-theirs']])
  await desk.answer({ ok: true, etag: 'etag-9' })
  expect(await kept).toBe(true)
})

test('[ED11] "take theirs" leaves nothing to save', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('mine'))
  desk.pass(saveIdleMs)
  await desk.answer({ ok: false, conflict: true, say: 'changed' })
  desk.saver.settle('etag-theirs')
  expect(desk.saver.isClean()).toBe(true)
  expect(await desk.saver.saveNow()).toBe(true)
  desk.pass(60_000)
  expect(desk.asked).toEqual([])
})

test('[ED12] a server that is away is tried again by itself until it takes the newest state', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('a'))
  desk.pass(saveIdleMs)
  await desk.answer({ ok: false, conflict: false, say: 'Mailweave does not answer.' })
  expect(desk.told.at(-1)).toBe('failed')
  expect(desk.saver.isClean()).toBe(false)
  desk.pass(saveAgainMs)
  expect(desk.asked.map((put) => put.flow.name)).toEqual(['a'])
  await desk.answer({ ok: true, etag: 'etag-2' })
  expect(desk.told.at(-1)).toBe('saved')
})

test('[ED12] a desk that was left tries no more', async () => {
  const desk = saverAtDesk()
  desk.saver.changed(flow('a'))
  const left = desk.saver.saveNow()
  desk.saver.stop()
  await desk.answer({ ok: false, conflict: false, say: 'away' })
  expect(await left).toBe(false)
  expect(desk.waiting()).toBe(0)
})

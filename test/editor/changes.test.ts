import { expect, test } from 'vitest'
import { connectionId } from '#shared/ids.ts'
import { listChanges } from '../../editor/store/changes.ts'
import { threeSteps } from '../editor-driver.ts'

test('[ED13] a deploy says what is added, changed and removed, with the names of the changed fields', () => {
  const ed = threeSteps()
  const before = ed.flow()
  ed.type('send', 'from', 'desk@acme.example')
  ed.set('send', 'onUnknown', 'park')
  ed.addAfter('send-email', 'map')
  ed.select('receive')
  ed.press('Delete')
  expect(listChanges(before, ed.flow()).map((change) => [change.what, change.node, change.detail])).toEqual([
    ['changed', 'send', 'From, If the server\'s answer got lost'],
    ['added', 'send2', 'no connection chosen yet'],
    ['removed', 'receive', ''],
  ])
})

test('[ED151] a step that is new names its account as people named it', () => {
  const ed = threeSteps()
  ed.set('receive', 'connection', 'support-inbox')
  expect(listChanges(null, ed.flow(), [{ id: connectionId('support-inbox'), name: 'Support inbox', kind: 'imap' }])[0]?.detail).toBe('Support inbox')
})

test('[ED13] a line between two steps that stay is a change of its own', () => {
  const ed = threeSteps()
  const before = ed.flow()
  ed.cut('map', 'send')
  expect(listChanges(before, ed.flow()).map((change) => [change.what, change.say])).toEqual([['removed', 'Line from Map data to Send email']])
})

test('[ED14] places, notes and the order of keys are no change', () => {
  const ed = threeSteps()
  ed.set('receive', 'after', { do: 'move', folder: 'Done' })
  const before = ed.flow()
  ed.drag('send', { x: 900, y: 900 })
  ed.store.setWords('send', 'notes', 'ask Ana')
  ed.set('receive', 'after', { folder: 'Done', do: 'move' })
  expect(listChanges(before, ed.flow())).toEqual([])
})

test('[ED14] the first version lists every step', () => {
  const ed = threeSteps()
  expect(listChanges(null, ed.flow()).map((change) => change.what)).toEqual(['added', 'added', 'added'])
})

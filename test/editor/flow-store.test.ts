import { expect, test } from 'vitest'
import { emptyFlow, openEditor, threeSteps } from '../editor-driver.ts'

test('[ED1] a step dragged from the palette lands on the grid where it was dropped and is chosen', () => {
  const ed = openEditor()
  const id = ed.dragFromPalette('receive-email', { x: 133, y: 48 })
  expect(id).toBe('receive')
  expect(ed.at('receive')).toEqual({ x: 140, y: 40 })
  expect(ed.selected()).toEqual(['receive'])
})

test('[ED1] two steps never land on one another', () => {
  const ed = openEditor()
  ed.dragFromPalette('send-email', { x: 0, y: 0 })
  ed.dragFromPalette('send-email', { x: 10, y: 10 })
  ed.dragFromPalette('receive-email', { x: 200, y: 120 })
  expect(ed.ids()).toEqual(['send', 'send2', 'receive'])
  expect(ed.at('send2').y - ed.at('send').y).toBeGreaterThan(140)
  for (const other of ['send', 'send2']) expect(Math.abs(ed.at('receive').y - ed.at(other).y)).toBeGreaterThan(140)
})

test('[ED2] a step added behind another stands right of it and is connected', () => {
  const ed = threeSteps()
  expect(ed.ids()).toEqual(['receive', 'map', 'send'])
  expect(ed.lines()).toEqual(['receive>map', 'map>send'])
  expect(ed.at('send').x).toBeGreaterThan(ed.at('map').x)
})

test('[ED2] a step put into a line stands between its ends and moves what is behind', () => {
  const ed = openEditor()
  ed.dragFromPalette('receive-email', { x: 0, y: 0 })
  ed.addAfter('send-email', 'receive')
  const was = ed.at('send')
  ed.putInto('map-data', 'receive', 'send')
  expect(ed.lines().toSorted()).toEqual(['map>send', 'receive>map'])
  expect(ed.at('map')).toEqual(was)
  expect(ed.at('send').x).toBeGreaterThan(was.x)
})

test('[ED3] what may not be connected is refused with the reason, and nothing changes', () => {
  const ed = threeSteps()
  const before = ed.flow()
  expect(ed.connect('map', 'receive')).toContain('starts the flow')
  expect(ed.refusal()).toContain('starts the flow')
  expect(ed.connect('send', 'map')).not.toBe('')
  expect(ed.flow()).toBe(before)
  ed.cut('map', 'send')
  expect(ed.connect('map', 'send')).toBe('')
  expect(ed.refusal()).toBe('')
})

test('[ED4] every act can be undone and done again, named, down to the empty canvas', () => {
  const ed = threeSteps()
  ed.drag('send', { x: 600, y: 100 })
  ed.type('send', 'from', 'desk@acme.example')
  ed.store.rename('Tickets')
  ed.select('map')
  ed.press('Delete')
  const end = ed.flow()
  expect(ed.undoWords()).toBe('delete a step')
  for (let step = 0; step < 50; step += 1) ed.undo()
  expect(ed.flow()).toEqual(emptyFlow())
  for (let step = 0; step < 50; step += 1) ed.redo()
  expect(ed.flow()).toEqual(end)
})

test('[ED4] something new after an undo closes the way forward', () => {
  const ed = threeSteps()
  ed.undo()
  ed.dragFromPalette('send-email', { x: 0, y: 400 })
  const now = ed.flow()
  ed.redo()
  expect(ed.flow()).toBe(now)
})

test('[ED5] a whole drag, and a whole typed word, is one step back', () => {
  const ed = threeSteps()
  const start = ed.flow()
  ed.drag('send', { x: 620, y: 20 }, { x: 640, y: 40 }, { x: 660, y: 60 })
  ed.drag('send', { x: 700, y: 60 })
  ed.undo()
  expect(ed.at('send')).toEqual({ x: 660, y: 60 })
  ed.undo()
  expect(ed.flow()).toBe(start)
  ed.type('send', 'subject', 'Hello')
  ed.type('send', 'text', 'World')
  ed.undo()
  expect(ed.flow().nodes.find((node) => node.id === 'send')?.config).toEqual({ subject: 'Hello' })
  ed.undo()
  expect(ed.flow()).toBe(start)
})

test('[ED6] deleting the middle of three closes the gap; deleting an end takes its line', () => {
  const ed = threeSteps()
  ed.select('map')
  ed.press('Delete')
  expect(ed.lines()).toEqual(['receive>send'])
  expect(ed.selected()).toEqual([])
  ed.select('send')
  ed.press('Delete')
  expect(ed.lines()).toEqual([])
  expect(Object.keys(ed.flow().view.positions)).toEqual(['receive'])
})

test('[ED6] a chosen line can be deleted alone', () => {
  const ed = threeSteps()
  ed.selectLine('map', 'send')
  ed.press('Delete')
  expect(ed.ids()).toEqual(['receive', 'map', 'send'])
  expect(ed.lines()).toEqual(['receive>map'])
})

test('[ED7] copied steps keep their lines and name each other, not the originals', () => {
  const ed = threeSteps()
  ed.set('map', 'rows', [{ to: 'subject', from: ['receive.subject'], when: { from: 'receive.text', is: 'not-empty' } }])
  ed.select('receive', 'map')
  ed.press('Ctrl+C')
  ed.press('Ctrl+V')
  expect(ed.selected()).toEqual(['receive2', 'map2'])
  expect(ed.lines()).toContain('receive2>map2')
  const copy = ed.flow().nodes.find((node) => node.id === 'map2')
  expect(copy?.config['rows']).toEqual([{ to: 'subject', from: ['receive2.subject'], when: { from: 'receive2.text', is: 'not-empty' } }])
  ed.press('Ctrl+V')
  expect(ed.at('receive3')).not.toEqual(ed.at('receive2'))
})

test('[ED7] a duplicate of one step still reads from the step that was not copied', () => {
  const ed = threeSteps()
  ed.set('map', 'rows', [{ to: 'subject', from: ['receive.subject'] }])
  ed.select('map')
  ed.press('Ctrl+D')
  expect(ed.flow().nodes.find((node) => node.id === 'map2')?.config['rows']).toEqual([{ to: 'subject', from: ['receive.subject'] }])
})

test('[ED8] setting a field to what it is changes nothing; an emptied field leaves the file', () => {
  const ed = threeSteps()
  ed.set('send', 'subject', 'Hi')
  const now = ed.flow()
  ed.set('send', 'subject', 'Hi')
  expect(ed.flow()).toBe(now)
  ed.set('send', 'subject', undefined)
  expect(ed.flow().nodes.find((node) => node.id === 'send')?.config).toEqual({})
})

test('[ED9] problems stand at the step and the field they are about, and go when mended', () => {
  const ed = threeSteps([{ id: 'in', kind: 'imap' }, { id: 'out', kind: 'smtp' }])
  expect(ed.problems().errors.some((problem) => problem.node === 'receive' && problem.field === 'connection')).toBe(true)
  ed.set('receive', 'connection', 'in')
  ed.set('send', 'connection', 'out')
  ed.type('send', 'from', 'desk@acme.example')
  ed.type('send', 'to', 'you@acme.example')
  expect(ed.problems().errors).toEqual([])
})

test('[ED9] while the connections are not known yet, none is called unknown', () => {
  const ed = threeSteps([])
  ed.set('receive', 'connection', 'in')
  expect(ed.problems().all.some((problem) => problem.code === 'NODE_UNKNOWN_CONNECTION')).toBe(true)
})

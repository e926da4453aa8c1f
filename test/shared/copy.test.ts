/** "Copy in Sent": which settings go together, where an answer that got lost is looked up, and which connections they name. */
import { expect, test } from 'vitest'
import { namedConnections } from '#shared/flow-connections.ts'
import { sendEmail } from '#shared/nodes/send-email.ts'
import { nodeId } from '#shared/ids.ts'
import { copyWanted, probeOf } from '#shared/sending/copy.ts'

const sent = { connection: 'inbox', folder: 'Sent' }
const parse = (config: object) => sendEmail.config.safeParse({ connection: 'smtp', from: 'a@example.org', ...config })
const problem = (config: object) => { const { error } = parse(config); return error ? error.issues.map(({ path }) => path.join('.')).join() : 'none' }
const read = (config: object) => {
  const { data } = parse(config)
  if (!data) throw new Error('not a config')
  return { copy: copyWanted(data), probe: probeOf(data) }
}

test('[SX172] a copy needs its mailbox, and a look its folder, unless the mail server keeps the copy', () => {
  expect(problem({})).toBe('none')
  expect(problem({ copy: 'add' })).toBe('copyTo')
  expect(problem({ copy: 'server' })).toBe('copyTo')
  expect(problem({ onUnknown: 'probe' })).toBe('probe')
  expect(problem({ onUnknown: 'probe', copy: 'add', copyTo: sent })).toBe('probe')
  expect(problem({ onUnknown: 'probe', copy: 'server', copyTo: sent })).toBe('none')
})

test('[SX172] where only Mailweave\'s own copy lies nothing can be looked up; in another folder it can', () => {
  expect(problem({ onUnknown: 'probe', probe: sent, copy: 'add', copyTo: sent })).toBe('probe')
  expect(problem({ onUnknown: 'probe', probe: { connection: 'inbox' }, copy: 'add', copyTo: { connection: 'inbox' } })).toBe('probe')
  expect(problem({ onUnknown: 'probe', probe: { ...sent, folder: 'Archive' }, copy: 'add', copyTo: sent })).toBe('none')
  expect(problem({ onUnknown: 'resend', probe: sent, copy: 'add', copyTo: sent })).toBe('none')
})

test('[SX172] what is put and where is looked', () => {
  expect(read({})).toEqual({ copy: null, probe: null })
  expect(read({ copy: 'add', copyTo: { connection: 'inbox' } })).toEqual({ copy: { connection: 'inbox', folder: '' }, probe: null })
  expect(read({ copy: 'server', copyTo: sent })).toEqual({ copy: null, probe: { ...sent, forSeconds: 180 } })
  expect(read({ copy: 'server', copyTo: sent, probe: { connection: 'archive', forSeconds: 60 } }).probe).toEqual({ connection: 'archive', folder: '', forSeconds: 60 })
  const nodes = [{ id: nodeId('send'), kind: 'send-email' as const, config: { connection: 'smtp', probe: { connection: 'archive' }, copyTo: sent } }]
  expect(namedConnections({ nodes })).toEqual([{ id: 'smtp', kind: 'smtp' }, { id: 'archive', kind: 'imap' }, { id: 'inbox', kind: 'imap' }])
})

/** The walls: who may import whom. */
import { expect, test } from 'vitest'
import { importsOf, sources } from './tree.ts'

const roomOf = (file: string): string => file.split('/')[0] ?? ''
const offences = (judge: (file: string, written: string, target: string) => boolean): string[] =>
  sources().flatMap((file) => importsOf(file).filter(({ written, target }) => judge(file, written, target)).map(({ written }) => `${file} → ${written}`))

test('[AR1] shared imports nothing of runtime and editor, and these never each other', () => {
  expect(offences((file, _, target) => {
    const from = roomOf(file)
    const to = roomOf(target)
    return (from === 'shared' && (to === 'runtime' || to === 'editor')) || (from === 'runtime' && to === 'editor') || (from === 'editor' && to === 'runtime')
  })).toEqual([])
})

test('[AR1] shared is pure: no Node module, no network, no React', () => {
  // croner works out times from the one it is given and, paused, sets no timer.
  const allowed = new Set(['zod', 'jsonata', 're2js', 'croner'])
  expect(offences((file, written, target) => roomOf(file) === 'shared' && !target.startsWith('shared/') && !allowed.has(written))).toEqual([])
})

test('[AR2] no import climbs two levels, and there is no barrel but nodes/index.ts', () => {
  expect(offences((_, written) => written.startsWith('../../'))).toEqual([])
  expect(sources().filter((file) => file.endsWith('/index.ts') && !/\/(nodes|functions|letters|migrations)\/index\.ts$/.test(file))).toEqual([])
})

/** Which rooms each room of the runtime may reach, itself and what lies in `runtime/` aside. Only the wiring and the command line know everyone. */
const doors: Readonly<Record<string, readonly string[]>> = {
  scheduler: ['engine', 'mail', 'store'],
  engine: ['engine/shield', 'nodes', 'mail/mime', 'mail/smtp', 'store'], 'engine/shield': ['engine', 'store'],
  nodes: ['engine', 'mail/mime', 'mail/compose'],
  // No protocol knows another; what two of them share lies beside them.
  mail: ['mail/imap', 'mail/pop3', 'mail/smtp', 'mail/doctor', 'mail/dkim'],
  'mail/imap': ['mail'], 'mail/pop3': ['mail', 'mail/mime'], 'mail/smtp': ['mail', 'mail/dkim', 'mail/mime'], 'mail/dkim': ['mail/mime'], 'mail/doctor': ['mail', 'mail/smtp'],
  'mail/mime': ['mail'], 'mail/compose': ['mail', 'mail/mime'],
  connections: ['mail', 'mail/dkim', 'store'],
  store: [], 'store/sqlite': ['store', 'store/sqlite/migrations'], 'store/sqlite/migrations': [],
  api: ['api/routes', 'connections', 'engine', 'mail', 'store'], 'api/routes': ['api', 'store'],
  sandbox: ['sandbox/letters', 'mail/mime', 'api'], 'sandbox/letters': [],
  '': ['api', 'engine', 'mail', 'mail/smtp', 'store'],
}

test('[AR3] inside the runtime each room reaches only what it may: mail knows neither flows nor store, no protocol knows another', () => {
  const placeOf = (file: string): string => file.split('/').slice(1, -1).join('/')
  const knowsEveryone = /^runtime\/(?:main\.ts$|cli\/)/
  expect(offences((file, _, target) => {
    const [from, to] = [placeOf(file), placeOf(target)]
    if (roomOf(file) !== 'runtime' || roomOf(target) !== 'runtime' || knowsEveryone.test(file) || from === to || to === '') return false
    return !(doors[from] ?? []).includes(to)
  })).toEqual([])
  expect(offences((file, _, target) => file.startsWith('runtime/mail/') && target.startsWith('shared/flow'))).toEqual([])
})

test('[AR3] the scheduler knows mailboxes by their interface only', () => {
  expect(offences((file, _, target) => file.startsWith('runtime/scheduler/') && target.startsWith('runtime/mail/') && target !== 'runtime/mail/mailbox.ts')).toEqual([])
})

test('[AR4] editor features do not import one another; what they share lies in store, ui and api', () => {
  const shared = new Set(['store', 'ui', 'api'])
  const shell = new Set(['app.tsx', 'main.tsx', 'routes.ts', 'routes.tsx'])
  // The flow screen puts the rooms of one flow together. The inspector shows the forms of the kinds, and these use the pickers and the mapping form: one way only.
  const mayUse: Record<string, readonly string[]> = {
    inspector: ['nodes'], nodes: ['inspector', 'connections', 'mapper'], canvas: ['inspector', 'palette', 'deploy', 'nodes', 'runs'], flow: ['canvas', 'inspector', 'deploy', 'runs'], flows: [], runs: [], mailboxes: [],
  }
  expect(offences((file, _, target) => {
    const [room, from = ''] = file.split('/')
    const [toRoom, to = ''] = target.split('/')
    if (room !== 'editor' || toRoom !== 'editor' || from === to || shell.has(from) || !target.includes('/', 7)) return false
    return !shared.has(to) && !(mayUse[from] ?? []).includes(to)
  })).toEqual([])
})

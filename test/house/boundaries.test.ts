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

test('[AR3] inside the runtime, mail knows neither flows nor store, and only main and the command line know everyone', () => {
  const inside = (file: string, folder: string) => file.startsWith(`runtime/${folder}/`)
  expect(offences((file, _, target) => inside(file, 'mail') && (/^runtime\/(store|engine|scheduler|api|nodes|sandbox)\//.test(target) || target.startsWith('shared/flow')))).toEqual([])
  expect(offences((file, _, target) => inside(file, 'engine') && /^runtime\/(scheduler|api|sandbox)\//.test(target))).toEqual([])
  expect(offences((file, _, target) => inside(file, 'store') && /^runtime\/(engine|scheduler|api|mail|nodes|sandbox|connections)\//.test(target))).toEqual([])
  expect(offences((file, _, target) => (inside(file, 'engine') || inside(file, 'scheduler') || inside(file, 'nodes')) && target.startsWith('runtime/store/sqlite'))).toEqual([])
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

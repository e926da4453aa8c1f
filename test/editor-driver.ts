/** A hand at the flow screen, without a screen: drags, connects, types, undoes; the same store and saver as in the browser. */
import type { Flow, FlowEdge, NodeKind } from '#shared/flow.ts'
import type { KnownConnection } from '#shared/flow-check.ts'
import { flowId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import { makeFlowStore, type FlowState } from '../editor/store/flow-store.ts'
import { positionOf, type Point } from '../editor/store/edits.ts'
import { findProblems } from '../editor/store/problems.ts'
import { makeSaver, type PutAnswer, type SaveState } from '../editor/store/save.ts'
import { edgeKey } from '../editor/store/selection.ts'

export const emptyFlow = (name = 'Test'): Flow => ({ format: 1, id: flowId('test'), name, nodes: [], edges: [], view: { positions: {} } })

export function openEditor(start: Flow = emptyFlow(), connections: readonly KnownConnection[] = []) {
  const store = makeFlowStore(start)
  const state = (): FlowState => store.state.getState()
  const edge = (from: string, to: string): FlowEdge => {
    const found = state().flow.edges.find((one) => one.from === from && one.to === to)
    if (found === undefined) throw new Error(`no line from ${from} to ${to}`)
    return found
  }
  return {
    store,
    flow: (): Flow => state().flow,
    ids: (): string[] => state().flow.nodes.map((node) => node.id),
    lines: (): string[] => state().flow.edges.map(edgeKey),
    at: (id: string): Point => positionOf(state().flow, id),
    selected: (): readonly string[] => state().selection.nodes,
    problems: () => findProblems(state().flow, connections),
    refusal: (): string => state().refusal,
    undoWords: (): string | null => state().history.past.at(-1)?.say ?? null,
    dragFromPalette: (kind: NodeKind, at: Point): string => store.addNode(kind, at),
    addAfter: (kind: NodeKind, after: string): string => store.addNode(kind, null, { after }),
    putInto: (kind: NodeKind, from: string, to: string): string => store.addNode(kind, null, { into: edge(from, to) }),
    connect: (from: string, to: string): string => store.connect(from, to),
    cut: (from: string, to: string): void => { store.disconnect(edge(from, to)) },
    select: (...ids: string[]): void => { store.select({ nodes: ids, edges: [] }) },
    selectLine: (from: string, to: string): void => { store.select({ nodes: [], edges: [edgeKey(edge(from, to))] }) },
    /** Many small moves and one letting go, as a mouse makes them. */
    drag: (id: string, ...by: readonly Point[]): void => {
      for (const point of by) store.move({ [id]: point })
      store.endGesture()
    },
    /** Letter by letter, then out of the field. */
    type: (node: string, key: string, text: string): void => {
      for (let length = 1; length <= text.length; length += 1) store.setConfig(node, key, text.slice(0, length))
      store.endGesture()
    },
    set: (node: string, key: string, value: Json | undefined): void => { store.setConfig(node, key, value) },
    press: (key: 'Delete' | 'Ctrl+C' | 'Ctrl+V' | 'Ctrl+D'): void => {
      if (key === 'Delete') store.removeSelected()
      if (key === 'Ctrl+C') store.copy()
      if (key === 'Ctrl+V') store.paste()
      if (key === 'Ctrl+D') store.duplicate()
    },
    undo: store.undo,
    redo: store.redo,
    load: store.load,
  }
}

/** Receive → map → send, in a row. */
export function threeSteps(connections: readonly KnownConnection[] = []) {
  const ed = openEditor(emptyFlow(), connections)
  ed.dragFromPalette('receive-email', { x: 0, y: 0 })
  ed.addAfter('map-data', 'receive')
  ed.addAfter('send-email', 'map')
  return ed
}

/** A server that answers when told to, and a clock that stands still until moved. */
export function saverAtDesk() {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  const asked: { readonly flow: Flow; readonly etag: string; readonly answer: (answer: PutAnswer) => void }[] = []
  const told: SaveState['state'][] = []
  let now = 0
  const saver = makeSaver({
    put: (flow, etag) => new Promise((answer) => { asked.push({ flow, etag, answer }) }),
    later: (run, ms) => {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => { timers.delete(timer) }
    },
    tell: (state) => { told.push(state.state) },
  }, 'etag-1')
  return {
    saver, asked, told,
    waiting: (): number => timers.size,
    pass: (ms: number): void => {
      now += ms
      const due = [...timers].filter((timer) => timer.at <= now)
      for (const timer of due) {
        timers.delete(timer)
        timer.run()
      }
    },
    /** The server answers the oldest open save. */
    answer: async (answer: PutAnswer): Promise<void> => {
      asked.shift()?.answer(answer)
      // The saver goes on after its promise; two turns reach the end of its chain.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    },
  }
}

/** The flow on the desk: its one state and every act of a hand on it. No screen and no server in here, so tests drive it as it is. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { connectionRefusal } from '#shared/connect-rules.ts'
import type { Flow, FlowEdge, NodeKind } from '#shared/flow.ts'
import { nodeId, type NodeId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { copyNodes, pasteClip, type Clip } from './clip.ts'
import {
  addEdge, addNode, changeNode, freePlace, freshNodeId, grid, makeRoom, nameOf, placeAfter, positionOf, removeParts, setField,
  setWords, snap, splitEdge, withPositions, type Point,
} from './edits.ts'
import { emptyHistory, endGesture, record, redo, undo, type History } from './history.ts'
import { isEmpty, nothing, prune, theseNodes, type Selection } from './selection.ts'
import { texts } from '../texts.ts'

export interface FlowState {
  readonly flow: Flow
  readonly selection: Selection
  readonly history: History<Flow>
  readonly clip: Clip | null
  /** Why the last line could not be drawn; '' when it could. */
  readonly refusal: string
}

export interface FlowStore {
  readonly state: StoreApi<FlowState>
  readonly addNode: (kind: NodeKind, at: Point | null, how?: { readonly after?: string; readonly into?: FlowEdge }) => NodeId
  /** '' when connected, else why not. */
  readonly connect: (from: string, to: string) => string
  readonly disconnect: (edge: FlowEdge) => void
  readonly move: (points: Readonly<Record<string, Point>>) => void
  readonly tidy: (points: Readonly<Record<string, Point>>) => void
  readonly removeSelected: () => void
  readonly duplicate: () => void
  readonly copy: () => void
  readonly paste: () => void
  readonly setConfig: (node: string, key: string, value: Json | undefined) => void
  readonly setWords: (node: string, key: 'name' | 'notes', text: string) => void
  readonly rename: (name: string) => void
  readonly select: (selection: Selection) => void
  readonly endGesture: () => void
  readonly forgetRefusal: () => void
  /** Another drawing of the same flow, as one step that can be undone. */
  readonly replace: (flow: Flow, say: string) => void
  readonly undo: () => void
  readonly redo: () => void
  /** Another flow file takes the desk: what was undone before cannot come back into it. */
  readonly load: (flow: Flow) => void
}

export function makeFlowStore(initial: Flow): FlowStore {
  const state = createStore<FlowState>(() => ({ flow: initial, selection: nothing, history: emptyHistory<Flow>(), clip: null, refusal: '' }))
  const flowNow = (): Flow => state.getState().flow

  /** The only way a flow changes: nothing happens when `next` is the flow itself. */
  const change = (next: Flow, say: string, gesture: string | null = null, selection?: Selection): void => {
    const { flow, history, selection: before } = state.getState()
    if (next === flow) {
      if (selection !== undefined) state.setState({ selection })
      return
    }
    state.setState({ flow: next, history: record(history, flow, say, gesture), selection: prune(selection ?? before, next), refusal: '' })
  }
  const travel = (step: typeof undo<Flow>): void => {
    const { history, flow, selection } = state.getState()
    const gone = step(history, flow)
    if (gone !== null) state.setState({ flow: gone.value, history: gone.history, selection: prune(selection, gone.value), refusal: '' })
  }
  const pasteAs = (clip: Clip | null, say: string): void => {
    if (clip === null) return
    const { flow, pasted } = pasteClip(flowNow(), clip, { x: grid * 2, y: grid * 2 })
    change(flow, say, null, theseNodes(pasted))
  }

  return {
    state,
    addNode: (kind, at, how = {}) => {
      const flow = flowNow()
      const id = freshNodeId(flow, kind)
      const { after, into } = how
      const place = into !== undefined ? positionOf(flow, into.to) : after !== undefined ? placeAfter(flow, after) : freePlace(flow, at ?? { x: 0, y: 0 })
      let next = addNode(flow, { id, kind, config: {} }, snap(place))
      if (into !== undefined) next = makeRoom(splitEdge(next, into, id), place.x, id)
      else if (after !== undefined && mayConnect(next, after, id)) next = addEdge(next, { from: nodeId(after), to: id })
      change(next, texts.undo.add(nodeDescriptions[kind].title), null, theseNodes([id]))
      return id
    },
    connect: (from, to) => {
      const flow = flowNow()
      const refusal = connectionRefusal(flow, from, to)
      if (refusal === null) change(addEdge(flow, { from: nodeId(from), to: nodeId(to) }), texts.undo.connect(nameOf(flow, from), nameOf(flow, to)))
      else state.setState({ refusal })
      return refusal ?? ''
    },
    disconnect: (edge) => {
      const flow = flowNow()
      const edges = flow.edges.filter((other) => !(other.from === edge.from && other.to === edge.to && other.port === edge.port))
      if (edges.length < flow.edges.length) change({ ...flow, edges }, texts.undo.disconnect)
    },
    move: (points) => {
      const snapped = Object.fromEntries(Object.entries(points).map(([id, at]) => [id, snap(at)]))
      change(withPositions(flowNow(), snapped), texts.undo.move(Object.keys(points).length), `move ${Object.keys(points).join(' ')}`)
    },
    tidy: (points) => { change(withPositions(flowNow(), points), texts.undo.tidy) },
    removeSelected: () => {
      const { flow, selection } = state.getState()
      if (isEmpty(selection)) return
      change(removeParts(flow, selection.nodes, selection.edges, mayConnect), texts.undo.remove(selection.nodes.length, selection.edges.length))
    },
    duplicate: () => {
      const { flow, selection } = state.getState()
      pasteAs(copyNodes(flow, selection.nodes), texts.undo.duplicate)
    },
    copy: () => {
      const { flow, selection } = state.getState()
      const clip = copyNodes(flow, selection.nodes)
      if (clip !== null) state.setState({ clip })
    },
    paste: () => {
      const { clip } = state.getState()
      pasteAs(clip, texts.undo.paste)
      // The next paste lands beside this one, not on it.
      if (clip !== null) state.setState({ clip: { ...clip, nodes: clip.nodes.map(({ node, at }) => ({ node, at: { x: at.x + grid * 2, y: at.y + grid * 2 } })) } })
    },
    setConfig: (node, key, value) => {
      const flow = flowNow()
      change(changeNode(flow, node, (old) => setField(old, key, value)), texts.undo.setting(nameOf(flow, node)), `config ${node} ${key}`)
    },
    setWords: (node, key, text) => {
      const flow = flowNow()
      change(changeNode(flow, node, (old) => setWords(old, key, text)), key === 'name' ? texts.undo.name : texts.undo.notes, `${key} ${node}`)
    },
    rename: (name) => {
      const flow = flowNow()
      change(flow.name === name ? flow : { ...flow, name }, texts.undo.rename, 'rename')
    },
    select: (selection) => {
      const { history } = state.getState()
      state.setState({ selection, history: endGesture(history) })
    },
    endGesture: () => { state.setState(({ history }) => ({ history: endGesture(history) })) },
    forgetRefusal: () => { state.setState({ refusal: '' }) },
    replace: (flow, say) => { change(flow, say) },
    undo: () => { travel(undo) },
    redo: () => { travel(redo) },
    load: (flow) => { state.setState(({ selection }) => ({ flow, history: emptyHistory<Flow>(), selection: prune(selection, flow), refusal: '' })) },
  }
}

const mayConnect = (flow: Flow, from: string, to: string): boolean => connectionRefusal(flow, from, to) === null

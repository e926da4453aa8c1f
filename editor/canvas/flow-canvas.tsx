/** The flow as a drawing. Every gesture becomes an act of the desk's store; what is seen is always made from the store again. */
import '@xyflow/react/dist/base.css'
import {
  Background, BackgroundVariant, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, type Connection, type EdgeChange, type FinalConnectionState, type IsValidConnection,
  type NodeChange,
} from '@xyflow/react'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type DragEvent } from 'react'
import { connectionRefusal } from '#shared/connect-rules.ts'
import type { NodeKind } from '#shared/flow.ts'
import { dragKind } from '../palette/drag-kind.ts'
import { Palette } from '../palette/palette.tsx'
import { fillOf } from '../ui/families.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { cardWidth, findNode, grid, type Point } from '../store/edits.ts'
import { kindsAfter, kindsBetween } from '../store/next-kinds.ts'
import { nothing } from '../store/selection.ts'
import { texts } from '../texts.ts'
import { CanvasActsContext, type Where } from './canvas-acts.ts'
import css from './canvas.module.css'
import { drawEdges, drawNodes, type CardNode, type LineEdge, type Size } from './drawing.ts'
import { EmptyCanvas } from './empty-canvas.tsx'
import { HourStrip } from './hour-strip.tsx'
import { stepsInSight } from './in-sight.ts'
import { LineEdgeView } from './line-edge.tsx'
import { NodeCardView } from './node-card.tsx'
import { Refusal } from './refusal.tsx'
import { StepMenu } from './step-menu.tsx'
import { layOut } from './tidy.ts'
import { takenWidth, useMoves, ZoomBar } from './zoom-bar.tsx'

const nodeTypes = { card: NodeCardView }
const edgeTypes = { line: LineEdgeView }
const snapGrid: [number, number] = [grid, grid]
const noKeys: string[] = []

export interface FlowCanvasProps {
  /** The panel beside the canvas took some of its room. */
  readonly narrow: boolean
}
export function FlowCanvas(props: FlowCanvasProps) {
  return <ReactFlowProvider><Canvas {...props} /></ReactFlowProvider>
}

function Canvas({ narrow }: FlowCanvasProps) {
  const { store, view, problems, connections } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const selection = useDeskState((state) => state.selection)
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map())
  const nodes = useMemo(() => drawNodes(flow, selection, problems, view.counts, sizes, connections ?? []), [flow, selection, problems, view.counts, sizes, connections])
  const edges = useMemo(() => drawEdges(flow, selection, view.counts), [flow, selection, view.counts])
  const frame = useRef<HTMLElement>(null)
  const { screenToFlowPosition, fitView } = useReactFlow()
  const moves = useMoves()
  const [asking, setAsking] = useState<{ readonly where: Where; readonly at: Point } | null>(null)

  // An empty canvas stays where it is when the first step is dropped on it.
  const [hadSteps] = useState(flow.nodes.length > 0)
  const [atFirst, setAtFirst] = useState<readonly { readonly id: string }[]>([])
  useLayoutEffect(() => { setAtFirst(stepsInSight(store.state.getState().flow, undefined, (frame.current?.clientWidth ?? 0) - takenWidth)) }, [store])
  const showSteps = useCallback((): void => {
    const { flow: now, selection: chosen } = store.state.getState()
    void fitView({ ...moves.fit, nodes: [...stepsInSight(now, chosen.nodes[0], (frame.current?.clientWidth ?? 0) - takenWidth)] })
  }, [store, fitView, moves])
  const wasNarrow = useRef(narrow)
  const mustShow = useRef(false)
  // A card that was not measured yet is left out when the drawing is fitted, so a new one would stay behind the panel.
  const measured = flow.nodes.every(({ id }) => sizes.has(id))
  useEffect(() => {
    if (wasNarrow.current !== narrow) mustShow.current = true
    wasNarrow.current = narrow
    if (!mustShow.current || !measured) return
    // After the frame in which the canvas has its new width.
    const frameId = requestAnimationFrame(() => {
      mustShow.current = false
      showSteps()
    })
    return () => { cancelAnimationFrame(frameId) }
  // Only when width or cards change: a further render in between must not take the frame back.
  }, [narrow, measured, showSteps])

  const onNodesChange = useCallback((changes: readonly NodeChange<CardNode>[]) => {
    const points: Record<string, Point> = {}
    const measured: [string, Size][] = []
    let chosen = store.state.getState().selection.nodes
    for (const change of changes) {
      if (change.type === 'position' && change.position !== undefined) points[change.id] = change.position
      if (change.type === 'dimensions' && change.dimensions !== undefined) measured.push([change.id, change.dimensions])
      if (change.type === 'select') chosen = change.selected ? [...chosen.filter((id) => id !== change.id), change.id] : chosen.filter((id) => id !== change.id)
    }
    if (measured.length > 0) setSizes((old) => new Map([...old, ...measured]))
    if (Object.keys(points).length > 0) store.move(points)
    if (changes.some((change) => change.type === 'select')) store.select({ ...store.state.getState().selection, nodes: chosen })
  }, [store])
  const onEdgesChange = useCallback((changes: readonly EdgeChange<LineEdge>[]) => {
    let chosen = store.state.getState().selection.edges
    for (const change of changes) {
      if (change.type === 'select') chosen = change.selected ? [...chosen.filter((id) => id !== change.id), change.id] : chosen.filter((id) => id !== change.id)
    }
    if (chosen !== store.state.getState().selection.edges) store.select({ ...store.state.getState().selection, edges: chosen })
  }, [store])

  const mayConnect = useCallback<IsValidConnection<LineEdge>>(({ source, target }) => connectionRefusal(store.state.getState().flow, source, target) === null, [store])
  const onConnect = useCallback(({ source, target }: Connection) => { store.connect(source, target) }, [store])
  const onConnectEnd = (event: MouseEvent | TouchEvent, connection: FinalConnectionState): void => {
    const { fromNode, fromHandle, toNode, isValid } = connection
    if (fromNode === null || isValid === true) return
    const forward = fromHandle?.type !== 'target'
    // Let go over a card that refuses: the store says why. Over the empty canvas: what shall come there?
    if (toNode !== null) store.connect(forward ? fromNode.id : toNode.id, forward ? toNode.id : fromNode.id)
    else if (forward) {
      const { clientX, clientY } = 'changedTouches' in event ? event.changedTouches[0] ?? { clientX: 0, clientY: 0 } : event
      ask({ after: fromNode.id, at: screenToFlowPosition({ x: clientX, y: clientY }) }, { x: clientX, y: clientY })
    }
  }

  const ask = useCallback((where: Where, screen: Point): void => {
    const box = frame.current?.getBoundingClientRect()
    setAsking({ where, at: { x: screen.x - (box?.left ?? 0), y: screen.y - (box?.top ?? 0) } })
  }, [])
  const acts = useMemo(() => ({
    askForStep: (where: Where, button: Element): void => {
      const box = button.getBoundingClientRect()
      ask(where, { x: box.right, y: box.top })
    },
  }), [ask])
  const askedKinds = asking === null ? [] : 'into' in asking.where ? kindsBetween(flow, asking.where.into.from) : kindsAfter(flow, asking.where.after)
  const addAsked = (kind: NodeKind): void => {
    if (asking === null) return
    const { where } = asking
    setAsking(null)
    mustShow.current = true
    if ('into' in where) store.addNode(kind, null, { into: where.into })
    else if (where.at === undefined) store.addNode(kind, null, { after: where.after })
    else {
      const id = store.addNode(kind, { x: where.at.x, y: where.at.y - grid })
      store.connect(where.after, id)
    }
  }
  const centre = (): Point => {
    const box = frame.current?.getBoundingClientRect()
    const middle = screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 3 })
    return { x: middle.x - cardWidth / 2, y: middle.y }
  }
  const addFromPalette = (kind: NodeKind): void => {
    const { flow: now, selection: chosen } = store.state.getState()
    const [only] = chosen.nodes
    const after = chosen.nodes.length === 1 && only !== undefined && kindsAfter(now, only).includes(kind) ? only : undefined
    mustShow.current = true
    store.addNode(kind, centre(), after === undefined ? {} : { after })
  }
  const onDrop = (event: DragEvent): void => {
    const kind = dragKind.take(event.dataTransfer)
    if (kind === null) return
    event.preventDefault()
    const at = screenToFlowPosition({ x: event.clientX, y: event.clientY })
    store.addNode(kind, { x: at.x - cardWidth / 2, y: at.y - grid * 2 })
  }
  const onTidy = (): void => {
    void layOut(flow, sizes).then((points) => {
      store.tidy(points)
      requestAnimationFrame(() => { void fitView(moves.fit) })
    })
  }
  return (
    <CanvasActsContext value={acts}>
      <section ref={frame} className={css['canvas']} aria-label={texts.canvas.label}>
        <ReactFlow<CardNode, LineEdge>
          nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} onNodesChange={onNodesChange} onEdgesChange={onEdgesChange}
          onNodeDragStop={store.endGesture} onSelectionDragStop={store.endGesture}
          onConnect={onConnect} onConnectEnd={onConnectEnd} isValidConnection={mayConnect} connectionRadius={32}
          onPaneClick={() => { store.select(nothing) }}
          onDragOver={(event) => { if (dragKind.isOver(event.dataTransfer)) { event.preventDefault(); event.dataTransfer.dropEffect = 'copy' } }} onDrop={onDrop}
          // Deleting is the desk's own key, because it also works on what the library does not know (bridging a gap).
          deleteKeyCode={noKeys} snapToGrid snapGrid={snapGrid} minZoom={0.2} maxZoom={1.6} fitView={hadSteps} fitViewOptions={{ ...moves.firstFit, nodes: [...atFirst] }}
          proOptions={{ hideAttribution: true }} nodeDragThreshold={3} elevateNodesOnSelect
        >
          <Background variant={BackgroundVariant.Dots} gap={grid} size={2} color="var(--dots)" />
          {flow.nodes.length > 1 && (
            <MiniMap<CardNode> className={css['miniMap'] ?? ''} pannable zoomable ariaLabel={texts.canvas.map} nodeColor={(node) => fillOf(findNode(flow, node.id)?.kind ?? node.data.node.kind)} nodeBorderRadius={24} offsetScale={2} />
          )}
        </ReactFlow>
        <Palette onAdd={addFromPalette} />
        <div className={css['foot']}>
          <ZoomBar onTidy={onTidy} />
          {view.latest > 0 && <HourStrip view={view} />}
        </div>
        {flow.nodes.length === 0 && <EmptyCanvas onAdd={() => { store.addNode('receive-email', centre()); requestAnimationFrame(() => { void fitView(moves.firstFit) }) }} />}
        <Refusal />
        {asking !== null && <StepMenu at={asking.at} kinds={askedKinds} onPick={addAsked} onClose={() => { setAsking(null) }} />}
      </section>
    </CanvasActsContext>
  )
}

/** The id of the card that is, or holds, this element. */
export const cardOf = (element: Element): string | null => element.closest('.react-flow__node')?.getAttribute('data-id') ?? null
export function focusCard(id: string): void {
  document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus()
}

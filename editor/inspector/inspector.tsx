/** The panel beside the canvas: the settings of what is chosen there, or the flow as a whole. */
import { useDeskState } from '../store/desk.ts'
import { findNode } from '../store/edits.ts'
import { texts } from '../texts.ts'
import { FlowPanel } from './flow-panel.tsx'
import css from './inspector.module.css'
import { LinePanel, ManyPanel } from './many-panel.tsx'
import { NodePanel } from './node-panel.tsx'

const elementId = 'inspector'
export const isInInspector = (target: Element): boolean => target.closest(`#${elementId}`) !== null

/** The first field of the chosen step's settings; while they still load, the tab in front of them. */
export function focusInspector(): void {
  const panel = document.getElementById(elementId)
  const first = panel?.querySelector<HTMLElement>('[data-panel-body] :is(input, select, textarea, button):not([data-next] *)') ?? panel?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')
  first?.focus()
}

export interface InspectorProps { readonly wide: boolean; readonly onWide: (wide: boolean) => void }
export function Inspector({ wide, onWide }: InspectorProps) {
  const flow = useDeskState((state) => state.flow)
  const selection = useDeskState((state) => state.selection)
  const [first] = selection.nodes
  const node = selection.nodes.length === 1 && first !== undefined ? findNode(flow, first) : null
  return (
    <aside id={elementId} className={css['inspector']} data-wide={wide || undefined} aria-label={texts.inspector.label}>
      {node !== null ? <NodePanel key={node.id} node={node} wide={wide} onWide={onWide} />
        : selection.nodes.length > 1 ? <ManyPanel count={selection.nodes.length} />
          : selection.edges.length > 0 ? <LinePanel keys={selection.edges} />
            : <FlowPanel />}
    </aside>
  )
}

/** Where the mail goes from here, without a mouse: the lines out of a step as a list, and one more to choose. */
import { ActionIcon, Select } from '@mantine/core'
import { ArrowRight, X } from 'lucide-react'
import { connectionRefusal } from '#shared/connect-rules.ts'
import type { FlowNode } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { nameOf, nodeName } from '../store/edits.ts'
import { kindsAfter } from '../store/next-kinds.ts'
import { texts } from '../texts.ts'
import css from './inspector.module.css'

/** Marks the choices that make a new step, apart from the ids of those that stand there. */
const newMark = '+'

export function NextSteps({ node }: { readonly node: FlowNode }) {
  const { store } = useDesk()
  const flow = useDeskState((state) => state.flow)
  if (!nodeDescriptions[node.kind].ports.out) return null
  const out = flow.edges.filter((edge) => edge.from === node.id)
  const there = flow.nodes.filter((other) => connectionRefusal(flow, node.id, other.id) === null).map((other) => ({ value: String(other.id), label: nodeName(other) }))
  const fresh = kindsAfter(flow, node.id).map((kind) => ({ value: `${newMark}${kind}`, label: `+ ${nodeDescriptions[kind].title}` }))
  const pick = (value: string | null): void => {
    const kind = kindsAfter(flow, node.id).find((one) => value === `${newMark}${one}`)
    if (kind !== undefined) store.addNode(kind, null, { after: node.id })
    else if (value !== null) store.connect(node.id, value)
  }
  return (
    <div className={css['next']} data-next>
      <h2>{texts.inspector.next}</h2>
      {out.length > 0 && (
        <ul aria-label={texts.inspector.next}>
          {out.map((edge) => (
            <li key={edge.to}>
              <ArrowRight size={14} aria-hidden="true" />
              <button type="button" onClick={() => { store.select({ nodes: [edge.to], edges: [] }) }}>{nameOf(flow, edge.to)}</button>
              <ActionIcon size={22} aria-label={texts.inspector.unlink(nameOf(flow, edge.to))} title={texts.inspector.unlink(nameOf(flow, edge.to))} onClick={() => { store.disconnect(edge) }}><X size={13} /></ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <Select key={out.length} aria-label={texts.inspector.next} placeholder={out.length === 0 ? texts.inspector.noNext : texts.inspector.addNextTo} data={[...there, ...fresh]} value={null} onChange={pick} />
    </div>
  )
}

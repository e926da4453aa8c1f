/** Receive Email's form: the described settings, and the promise that stands behind them. */
import type { FlowNode } from '#shared/flow.ts'
import { texts } from '../texts.ts'
import { Note } from '../ui/note.tsx'
import { NodeForm } from './node-form.tsx'

export function ReceiveEmailForm({ node }: { readonly node: FlowNode }) {
  return <><NodeForm node={node} /><Note tone="accent">{texts.inspector.once}</Note></>
}

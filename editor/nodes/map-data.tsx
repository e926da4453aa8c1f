/** Map Data's form: the mapper over the described rows. */
import type { FlowNode } from '#shared/flow.ts'
import { NodeForm } from './node-form.tsx'

export function MapDataForm({ node }: { readonly node: FlowNode }) {
  return <NodeForm node={node} />
}

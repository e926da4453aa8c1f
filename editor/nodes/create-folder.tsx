/** The form of "Create a folder": the described settings, and what may be expected of them. */
import type { FlowNode } from '#shared/flow.ts'
import { texts } from '../texts.ts'
import { Note } from '../ui/note.tsx'
import { NodeForm } from './node-form.tsx'

export function CreateFolderForm({ node }: { readonly node: FlowNode }) {
  return <><NodeForm node={node} /><Note tone="accent">{texts.inspector.sendsAfter}</Note></>
}

/** Puts a field of an earlier step into a text of a form; each field stands beside what it holds in a real mail. */
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import type { Flow } from '#shared/flow.ts'
import type { Json } from '#shared/json.ts'
import type { Sources } from '#shared/mapping/compile.ts'
import type { Scope } from '#shared/mapping/paths.ts'
import { useSample } from '../api/queries.ts'
import { FieldPicker } from './field-picker.tsx'
import { listFields } from './pick-fields.ts'
import { useGround, useScope, useSurroundings } from './use-mapped.ts'

export interface InsertFieldProps {
  readonly flow: Flow
  readonly nodeId: string
  /** Of the text, for those who hear the page. */
  readonly label: string
  /** What the text may name beside the steps in front. */
  readonly more?: Sources | undefined
  readonly onInsert: (path: string) => void
}

export function InsertField({ flow, nodeId, label, more, onInsert }: InsertFieldProps) {
  const mail = useSample(flow.id).data?.mail ?? null
  const around = useSurroundings(flow, nodeId)
  const { sources } = useGround(around, nodeId)
  const scope = useScope(around, nodeId, mail)
  const fields = useMemo(() => {
    const [attachment] = mail?.attachments ?? []
    // Of the values that only some texts may name, the sample is the mail's first file.
    const known: Scope = more === undefined || attachment === undefined ? scope : { ...scope, attachment: attachment as unknown as Json, n: 1 } // JSON: a Mail came as such
    return listFields({ ...more, ...sources }, known)
  }, [mail, more, sources, scope])
  return <FieldPicker fields={fields} look="link" label={label} onPick={onInsert}><Plus size={13} aria-hidden="true" />Field</FieldPicker>
}

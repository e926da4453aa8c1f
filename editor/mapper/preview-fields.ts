/** What the next step would send: mapped values and what is typed there, by the step's own rule of who wins. Pure, for the eye. */
import type { FlowNode } from '#shared/flow.ts'
import { textOr, type Json } from '#shared/json.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import { isBlank } from '#shared/mapping/values.ts'

export interface PreviewField {
  readonly name: string
  readonly value: Json
  readonly from: 'mapped' | 'typed'
}
const names = ['from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'text', 'html'] as const

/** Only fields that are filled, in the order they are read. A blank side falls through to the other (DESIGN section 4). */
export function previewFields(mapped: Pick<Mapped, 'value' | 'priority'>, next: FlowNode | null): readonly PreviewField[] {
  const config = next?.config ?? {}
  const usual = config['priority'] === 'form' ? 'form' : 'mapped'
  return names.flatMap((name): readonly PreviewField[] => {
    const typed = textOr(config[name], '')
    const value = mapped.value[name] ?? null
    const typedWins = typed !== '' && ((mapped.priority[name] ?? usual) === 'form' || isBlank(value))
    if (typedWins) return [{ name, value: typed, from: 'typed' }]
    return isBlank(value) ? [] : [{ name, value, from: 'mapped' }]
  })
}

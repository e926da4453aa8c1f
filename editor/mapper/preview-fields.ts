/** What the next step would send: mapped values and what is typed there, by the rule of sending. Pure, for the eye. */
import type { FlowNode } from '#shared/flow.ts'
import { textOr, type Json, type JsonObject } from '#shared/json.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import { type Side, sideOf } from '#shared/outgoing.ts'

export interface PreviewField {
  readonly name: string
  readonly value: Json
  readonly from: Side
}
const names = ['from', 'to', 'cc', 'bcc', 'replyTo', 'sender', 'importance', 'listUnsubscribe', 'subject', 'text', 'html'] as const

/** Only fields that are filled, in the order they are read. `filled`: those of the next step that have holes. */
export function previewFields(mapped: Pick<Mapped, 'value' | 'priority'>, next: FlowNode | null, filled: JsonObject = {}): readonly PreviewField[] {
  const config = next?.config ?? {}
  const usual = config['priority'] === 'form' ? 'form' : 'mapped'
  return names.flatMap((name): readonly PreviewField[] => {
    const sides = { mapped: mapped.value[name] ?? null, form: filled[name] ?? textOr(config[name], '') }
    const from = sideOf(sides, mapped.priority[name] ?? usual)
    return from === null ? [] : [{ name, value: sides[from], from }]
  })
}

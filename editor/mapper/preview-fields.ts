/** What the next step would send: mapped values and what is typed there, by the rule of sending. Pure, for the eye. */
import { parseAddresses } from '#shared/address.ts'
import type { FlowNode } from '#shared/flow.ts'
import { textOr, type Json, type JsonObject } from '#shared/json.ts'
import type { Mail, MailAddress } from '#shared/mail.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import { type Giver, saysNothing, sideOf } from '#shared/outgoing.ts'
import { toText } from '#shared/mapping/values.ts'
import { answerRecipients } from '#shared/sending/answer-recipients.ts'
import { modeOf } from '#shared/sending/mode.ts'
import { answerSubject } from '#shared/sending/subject.ts'

export interface PreviewField {
  readonly name: string
  readonly value: Json
  readonly from: Giver
}
const names = ['from', 'to', 'cc', 'bcc', 'replyTo', 'sender', 'importance', 'listUnsubscribe', 'subject', 'text', 'html'] as const

/** Only fields that are filled, in the order they are read. `filled`: those of the next step that have holes; `mail`: the one that it may answer. */
export function previewFields(mapped: Pick<Mapped, 'value' | 'priority'>, next: FlowNode | null, filled: JsonObject = {}, mail: Mail | null = null, ours: readonly string[] = []): readonly PreviewField[] {
  const config = next?.config ?? {}
  const usual = config['priority'] === 'form' ? 'form' : 'mapped'
  const said = names.flatMap((name): readonly PreviewField[] => {
    const sides = { mapped: mapped.value[name] ?? null, form: filled[name] ?? textOr(config[name], '') }
    const from = sideOf(sides, mapped.priority[name] ?? usual)
    return from === null ? [] : [{ name, value: sides[from], from }]
  })
  const ofRun = next?.kind === 'send-email' && textOr(config['of'], '') === ''
  if (!ofRun || mail === null) return said
  const given = fillFromMail(mail, config, Object.fromEntries(said.map(({ name, value }) => [name, value])), ours)
  return names.flatMap((name): readonly PreviewField[] => {
    const own = said.find((field) => field.name === name)
    const ofMail = given[name] ?? null
    if (own !== undefined && !added.has(name)) return [own]
    return [...(own ? [own] : []), ...(saysNothing(ofMail) ? [] : [{ name, value: ofMail, from: 'mail' as const }])]
  })
}

/** What the mail gives to these stands beside what is said. */
const added: ReadonlySet<string> = new Set(['cc'])

/** As the runtime fills an answer (answer-mail.ts), as far as it can be seen before a run. */
function fillFromMail(mail: Mail, config: JsonObject, said: JsonObject, ours: readonly string[]): JsonObject {
  const mode = modeOf(config)
  if (mode === 'new') return {}
  if (mode === 'forward') return { subject: answerSubject(mail.subject, 'Fwd:') }
  const to = addressesIn(said['to'])
  const own = [...ours, ...[...addressesIn(said['from']), ...addressesIn(config['ours'])].map(({ address }) => address)]
  const answered = answerRecipients(mail, { mode, lists: config['lists'] === 'list' ? 'list' : 'author', to, own })
  const people = 'reason' in answered ? { to: `nobody: ${answered.reason}` } : { to: answered.to.map(asJson), cc: answered.cc.map(asJson) }
  return { ...people, subject: answerSubject(mail.subject, 'Re:') }
}

const addressesIn = (value: Json | undefined): readonly MailAddress[] => parseAddresses(toText(value)).addresses
const asJson = ({ name, address, domain }: MailAddress): Json => ({ name, address, domain })

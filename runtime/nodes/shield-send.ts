/** The part of the blast shield that looks at one mail alone: the loop guard, the allow-list, and test mode, which sends everything to one address. */
import { parseAddress } from '#shared/address.ts'
import { fault } from '#shared/errors.ts'
import type { Mail } from '#shared/mail.ts'
import type { CheckedFlow, NodeConfig } from '#shared/nodes/index.ts'
import { defaultSending, isAllowed, namedAddresses } from '#shared/sending/safety.ts'
import type { Shielded } from '../engine/compute.ts'
import type { Outgoing } from '../mail/compose/outgoing.ts'
import { answeredBy, refuseLoop } from '../mail/compose/refuse-loop.ts'
import { flowsPassed, type Passed } from '../mail/mime/flows-passed.ts'
import type { StepContext } from './behaviour.ts'

/** Whom a mail in test mode was for. */
const testHeader = 'X-Mailweave-Test-For'
/** In the header and in front of the subject; a mail to hundreds is as plain with these. */
const shownInHeader = 20

export interface Shielding {
  readonly said: Outgoing
  readonly shielded: Shielded
  /** Flows that the mails behind this one went through. */
  readonly passed: readonly Passed[]
}

/** `original`: the mail that is answered or sent on, where it is another than the one that started the run. Throws SEND_CAME_BACK, SEND_LOOP and SEND_NOT_ALLOWED; what it returns goes out as it is. */
export function shieldSend(said: Outgoing, config: NodeConfig<'send-email'>, { job, mail }: StepContext, original: Mail | null): Shielding {
  const recipients = [...said.to, ...said.cc, ...said.bcc].map(({ address }) => address)
  const { allow, testTo } = job.flow.sending ?? defaultSending
  // Without a mail there is nobody to answer and nothing that could have come back.
  const behind = [...new Set([mail, original])].filter((one) => one !== null)
  // A fetched mail may be one that this flow has sent: it did not come back, somebody went for it.
  for (const one of behind) refuseLoop(one, recipients, { flow: one === mail ? job.flow.id : null, ...config, self: config.sendToSelf ? [] : job.self ?? [] })
  const barred = recipients.find((address) => !isAllowed(address, allow))
  if (barred !== undefined) throw fault('SEND_NOT_ALLOWED', { address: barred.slice(0, 200) }, 'to')
  const tester = testTo === '' ? null : parseAddress(testTo)
  const passed = behind.flatMap((one) => flowsPassed(one))
  if (tester) return { passed, said: readdressed(said, tester, recipients), shielded: { strangers: [], answered: [], testFor: recipients } }
  const named = namedBy(job.flow)
  return {
    passed, said,
    shielded: { strangers: [...new Set(recipients.map((one) => one.toLowerCase()))].filter((one) => !named.has(one)), answered: [...new Set(behind.flatMap((one) => answeredBy(one, recipients)))] },
  }
}

function readdressed(said: Outgoing, tester: Outgoing['from'], recipients: readonly string[]): Outgoing {
  const [first = '', ...others] = recipients
  const shown = recipients.length > shownInHeader ? [...recipients.slice(0, shownInHeader), `and ${recipients.length - shownInHeader} more`] : recipients
  return {
    ...said, to: [tester], cc: [], bcc: [],
    subject: `[Test for ${first}${others.length > 0 ? ` and ${others.length} more` : ''}] ${said.subject}`.trimEnd(),
    headers: [...said.headers, { name: testHeader, value: shown.join(', ') }],
  }
}

/** The worker keeps a version's flow object as long as it is in use. */
const kept = new WeakMap<CheckedFlow, ReadonlySet<string>>()
function namedBy(flow: CheckedFlow): ReadonlySet<string> {
  const known = kept.get(flow) ?? namedAddresses(flow.nodes)
  kept.set(flow, known)
  return known
}

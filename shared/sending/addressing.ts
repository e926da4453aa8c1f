/** Whom answers and bounces go to: the settings of Send Email around "From". */
import { z } from 'zod'
import type { Json } from '../json.ts'
import { field } from '../nodes/node.ts'

const group = 'Sender and replies'
/** Comma or semicolon lists, `Name <a@b>` allowed; read by shared/address.ts. */
export const addressLine = z.string().max(10_000).default('')

/** As SMTP writes "nobody" (RFC 5321 section 4.5.5). */
export const nobody = '<>'

export const addressingFields = {
  replyTo: field(addressLine, { template: true, title: 'Reply to', widget: 'addresses', advanced: true, group, description: 'Where answers go, if not to "From". One address or several.' }),
  sender: field(addressLine, { title: 'Sender', widget: 'addresses', one: true, advanced: true, group, description: 'Who really sends, where that is not who the mail is from.' }),
  bouncesTo: field(z.enum(['from', 'address', 'nobody']).default('from'), {
    title: 'Bounces go to', widget: 'select', advanced: true, group,
    options: [
      { value: 'from', label: 'the "From" address' },
      { value: 'address', label: 'another address' },
      { value: 'nobody', label: 'nobody', help: 'For automatic answers: no server ever answers them' },
    ],
  }),
  returnPath: field(addressLine, { title: 'Address for bounces', widget: 'addresses', one: true, advanced: true, group, placeholder: 'bounces@example.org', onlyWhen: { field: 'bouncesTo', is: ['address'] } }),
}

/** '' leaves it to "From", or to a mapping. */
export const typedReturnPath = (bouncesTo: z.infer<typeof addressingFields.bouncesTo>, returnPath: Json): Json =>
  (bouncesTo === 'nobody' ? nobody : bouncesTo === 'address' ? returnPath : '')

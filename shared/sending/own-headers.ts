/** Headers of a flow's own making, typed as rows of name and value; a mapping fills the same by `headers.<name>`. */
import { z } from 'zod'
import { headerRefusal } from '../header-names.ts'
import { isJsonObject, textOr } from '../json.ts'
import { field } from '../nodes/node.ts'

/** More is no mail but a database; servers refuse heads of 100 KB and less. */
const mostHeaders = 50
const headerSchema = z.object({ name: z.string().max(80), value: z.string().max(2000) }).strict()

const headersSchema = z.array(headerSchema).max(mostHeaders).default([]).superRefine((rows, context) => {
  const seen = new Set<string>()
  for (const [at, { name }] of rows.entries()) {
    const taken = seen.has(name.toLowerCase()) ? `The header "${name}" stands here twice. Remove one of them.` : null
    const refusal = name === '' ? 'Give the header a name, like X-Ticket.' : headerRefusal(name) ?? taken
    if (refusal !== null) context.addIssue({ code: 'custom', message: refusal, path: [at, 'name'] })
    seen.add(name.toLowerCase())
  }
})

export const ownHeaderFields = {
  headers: field(headersSchema, {
    title: 'Own headers', widget: 'headers', advanced: true, group: 'Own headers', description: 'For programs that sort or count mail. Receivers seldom see them.',
    sayValue: (value) => (Array.isArray(value) ? value.filter(isJsonObject).map((row) => textOr(row['name'], '?')).join(', ') : ''),
  }),
}

/** Send Email's settings of when and how fast its mails leave. */
import { field } from '../nodes/node.ts'
import { delaySchema, limitsSchema, noLimits, quietSchema, sayDelay, sayLimits, sayQuiet } from './pace.ts'

const group = 'Pace'

export const paceFields = {
  delay: field(delaySchema.optional(), {
    title: 'Send', widget: 'delay', advanced: true, group,
    sayValue: (value) => sayOf(delaySchema, value, sayDelay),
  }),
  quiet: field(quietSchema.optional(), {
    title: 'Quiet hours', widget: 'quiet', advanced: true, group,
    sayValue: (value) => sayOf(quietSchema, value, sayQuiet),
  }),
  limits: field(limitsSchema.default(noLimits), {
    title: 'This flow sends at most', widget: 'limits', advanced: true, group,
    sayValue: (value) => sayOf(limitsSchema, value, (limits) => `at most ${sayLimits(limits)}`),
  }),
} as const

/** A form that is not filled in yet says nothing. */
function sayOf<T>(schema: { safeParse: (value: unknown) => { success: true; data: T } | { success: false } }, value: unknown, say: (data: T) => string): string {
  const parsed = schema.safeParse(value)
  return parsed.success ? say(parsed.data) : ''
}

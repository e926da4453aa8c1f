/** Delivery reports (RFC 3461): what the servers on the way are asked to tell about a mail. */
import { z } from 'zod'
import { field } from '../nodes/node.ts'

const group = 'Delivery reports'
export const reportKinds = ['success', 'failure', 'delay', 'never'] as const
export type ReportKind = (typeof reportKinds)[number]

export interface ReportRequest {
  /** RFC 3461 section 4.1; empty leaves it to the servers, which then tell of failures. */
  readonly notify: readonly ReportKind[]
  readonly returned: 'usual' | 'headers' | 'full'
}

export const reportFields = {
  notify: field(z.array(z.enum(reportKinds)).max(4).default([]).refine((kinds) => !kinds.includes('never') || kinds.length === 1, 'Either "nothing at all", or what is to be reported. Untick one of them.'), {
    title: 'Ask the servers to report', widget: 'choices', advanced: true, group,
    options: [
      { value: 'success', label: 'that it was delivered' }, { value: 'failure', label: 'that it failed' }, { value: 'delay', label: 'that it is late' },
      { value: 'never', label: 'nothing at all', help: 'Not even that it failed' },
    ],
    description: 'Reports come to the address for bounces, where the servers on the way send them.',
    sayValue: (value) => (Array.isArray(value) ? value.map((kind) => short[String(kind)] ?? '').filter(Boolean).join(' and ') : ''),
  }),
  returned: field(z.enum(['usual', 'headers', 'full']).default('usual'), {
    title: 'A report brings back', widget: 'select', advanced: true, group,
    options: [{ value: 'usual', label: 'what the server usually sends' }, { value: 'headers', label: 'the headers of the mail' }, { value: 'full', label: 'the whole mail' }],
  }),
}
const short: Readonly<Record<string, string>> = { success: 'delivered', failure: 'failed', delay: 'late', never: 'no reports' }

export const asksReports = ({ notify, returned }: ReportRequest): boolean => notify.length > 0 || returned !== 'usual'

/** What a mail's headers say about its kind: sender checks, automatic answers, bounces, lists. */
import type { MailAuth } from '#shared/mail.ts'
import { firstValue, type HeaderField } from './header-fields.ts'

/**
 * RFC 8601: only the topmost field counts, it is the receiving server's own; the ones below came with the mail and
 * may be forged.
 */
export function readAuth(fields: readonly HeaderField[]): MailAuth {
  const value = firstValue(fields, 'authentication-results')
  if (value === '') return { spf: 'none', dkim: 'none', dmarc: 'none' }
  const results = [...value.slice(0, 10_000).replace(/\([^()]*\)/g, ' ').matchAll(/(?:^|[;\s])(spf|dkim|dmarc)\s{0,10}=\s{0,10}([a-z]{1,20})/gi)]
  const verdict = (method: string): string => {
    const all = results.filter((found) => found[1]?.toLowerCase() === method).map((found) => (found[2] ?? '').toLowerCase())
    // Several DKIM signatures: one good one is enough (RFC 6376 section 6.1).
    return all.includes('pass') && method === 'dkim' ? 'pass' : (all[0] ?? 'none')
  }
  return { spf: verdict('spf'), dkim: verdict('dkim'), dmarc: verdict('dmarc') }
}

/** RFC 3834 section 5, and the headers that were usual before it. */
export function isAutoReply(fields: readonly HeaderField[]): boolean {
  const submitted = firstValue(fields, 'auto-submitted').split(/[;\s(]/)[0]?.toLowerCase() ?? ''
  if (submitted !== '' && submitted !== 'no') return true
  if (firstValue(fields, 'precedence').toLowerCase() === 'auto_reply') return true
  return fields.some((field) => field.key === 'x-autoreply' || field.key === 'x-autorespond')
}

/** RFC 3464 reports; and from servers that write none, the null return path together with a machine's name. */
export function isBounce(fields: readonly HeaderField[], fromAddress: string): boolean {
  const type = firstValue(fields, 'content-type').toLowerCase()
  if (type.startsWith('multipart/report') && (type.includes('delivery-status') || !type.includes('report-type'))) return true
  if (fields.some((field) => field.key === 'x-failed-recipients')) return true
  const local = fromAddress.split('@')[0]?.toLowerCase() ?? ''
  return local === 'mailer-daemon' || (local === 'postmaster' && firstValue(fields, 'return-path').replace(/\s/g, '') === '<>')
}

/** RFC 2919, RFC 2369. List-Unsubscribe alone is any newsletter. */
export function isList(fields: readonly HeaderField[]): boolean {
  return firstValue(fields, 'precedence').toLowerCase() === 'list' || fields.some((field) => field.key === 'list-id' || field.key === 'list-post' || field.key === 'mailing-list')
}

/**
 * What the receiving server found about the sender (RFC 8601). A mail can bring such fields along, so only those count
 * that nobody outside can have written, or that bear the name of the server that took the mail in (`auth.by`).
 */
import { BlockList, isIPv4 } from 'node:net'
import type { MailAuth } from '#shared/mail.ts'
import type { HeaderField } from './header-fields.ts'

const nothing: MailAuth = { spf: 'none', dkim: 'none', dmarc: 'none', by: '' }
const methods = ['spf', 'dkim', 'dmarc'] as const
/** Characters of one field that are read: signatures of ten relays stay below. */
const longest = 10_000
/** Fields of one server: SPF, DKIM and DMARC are often checked by three programs. */
const mostFields = 10

/** ARC-Authentication-Results are other servers' words, vouched for by themselves; they do not count. */
export function readAuth(fields: readonly HeaderField[]): MailAuth {
  if (!fields.some((field) => field.key === 'authentication-results')) return nothing
  const own = trustedResults(fields)
  const [first] = own
  if (!first) return nothing
  const found = new Map<string, string>()
  for (const { by, results } of own) {
    if (by.toLowerCase() !== first.by.toLowerCase()) continue
    const here = new Map<string, string>()
    for (const [method, result] of results) {
      // Several DKIM signatures: one good one is enough (RFC 6376 section 6.1).
      if (!here.has(method) || (method === 'dkim' && result === 'pass')) here.set(method, result)
    }
    for (const [method, result] of here) if (!found.has(method) || (method === 'dkim' && result === 'pass')) found.set(method, result)
  }
  const [spf, dkim, dmarc] = methods.map((method) => found.get(method) ?? 'none')
  return { spf: spf ?? 'none', dkim: dkim ?? 'none', dmarc: dmarc ?? 'none', by: first.by }
}

interface Results {
  readonly by: string
  readonly results: readonly (readonly [method: string, result: string])[]
}

/**
 * Servers put their fields on top, so what stands above the border (the first Received that names a client from
 * outside) is the receiver's own. Gmail and Exchange write theirs below that Received; there it counts only under the
 * name of that server's organisation, which RFC 8601 section 5 makes them take off mails from outside. The first
 * Received of another organisation ends it.
 */
function trustedResults(fields: readonly HeaderField[]): Results[] {
  const found: Results[] = []
  const own = new Set<string>()
  let last = ''
  let passed = false
  for (const { key, value } of fields) {
    if (key === 'received') {
      const hop = readHop(value.slice(0, longest))
      if (passed && !own.has(organisationOf(hop.by))) break
      if (hop.by !== '') own.add(organisationOf(hop.by))
      last = hop.by
      passed = passed || hop.outside
    } else if (key === 'authentication-results') {
      const { by, results } = readResults(value.slice(0, longest))
      const named = by === '' ? last : by
      // Exchange Online writes no name; it takes such fields off what comes from outside.
      const plausible = by === '' ? organisationOf(last) === 'outlook.com' : own.has(organisationOf(by))
      if (named !== '' && (!passed || plausible)) found.push({ by: named, results })
      if (found.length >= mostFields) break
    }
  }
  return found
}

interface Hop {
  /** Lower case, '' when it says none. */
  readonly by: string
  /** A client of another network handed the mail over. */
  readonly outside: boolean
}

function readHop(value: string): Hop {
  const by = /(?:^|[\s)])by\s+([^\s;()]{1,255})/i.exec(value)
  const from = /^from\s/i.test(value) ? value.slice(0, by?.index ?? value.length).replace(/ipv6:/gi, '') : ''
  // The name a client gives itself proves nothing and may read as an address within; the server's remark has the true one,
  // or (Exim) stands behind it. So one must be in the remark, and none may be outside.
  const remark = from.slice(from.includes('(') ? from.indexOf('(') : from.length)
  return { by: (by?.[1] ?? '').toLowerCase(), outside: from !== '' && !(addressesIn(remark).length > 0 && addressesIn(from).every(isInside)) }
}

const addressesIn = (text: string): readonly string[] => text.match(/(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f:.]{2,40})(?![\w.:])/gi) ?? []
const inside = new BlockList()
for (const [net, bits] of [['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16], ['100.64.0.0', 10]] as const) inside.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [['::1', 128], ['fc00::', 7], ['fe80::', 10]] as const) inside.addSubnet(net, bits, 'ipv6')
const isInside = (address: string): boolean => inside.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

/** The last two labels of a host, three below a country's "co", "com" or the like; an address or a bare name is itself. */
function organisationOf(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  const top = labels.at(-1) ?? ''
  if (labels.length < 3 || /^\d+$/.test(top) || name.includes(':')) return name
  const organisation = labels.slice(top.length === 2 && (labels.at(-2) ?? '').length <= 3 ? -3 : -2).join('.')
  // Exchange Online hands a mail from one of its names to the other.
  return organisation === 'office365.com' ? 'outlook.com' : organisation
}

/** RFC 8601 section 2.2; comments may be nested and hold anything, as may quoted strings. */
function readResults(value: string): Results {
  const parts = cutStatements(value)
  const head = parts[0] ?? ''
  // Exchange begins with a result at once.
  const named = !statement.test(head)
  const results = (named ? parts.slice(1) : parts).flatMap((part): (readonly [string, string])[] => {
    const found = statement.exec(part)
    const method = found?.[1]?.toLowerCase() ?? ''
    return methods.some((known) => known === method) ? [[method, (found?.[2] ?? '').toLowerCase()]] : []
  })
  return { by: named ? (head.trim().split(/\s/)[0] ?? '').slice(0, 255) : '', results }
}
const statement = /^\s*([a-z][a-z0-9-]{0,30})\s*(?:\/\s*\d{1,5}\s*)?=\s*"?([a-z]{1,20})\b/i

/** Cut at `;`, comments gone, quoted strings without their quotes, their semicolons and equal signs. */
function cutStatements(value: string): string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  let quoted = false
  for (let at = 0; at < value.length; at += 1) {
    const char = value.charAt(at)
    if (char === '\\' && (quoted || depth > 0)) at += 1
    else if (quoted) {
      if (char === '"') quoted = false
      else part += char === ';' || char === '=' ? ' ' : char
    } else if (char === '(') depth += 1
    else if (char === ')') {
      depth = Math.max(0, depth - 1)
      part += ' '
    } else if (depth > 0) continue
    else if (char === '"') quoted = true
    else if (char === ';') {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part]
}

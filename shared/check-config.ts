/** Judges one node's config: complete, its connections known and of the right kind, its addresses addresses. */
import type { z } from 'zod'
import { parseAddresses } from './address.ts'
import { sayNode } from './connect-rules.ts'
import type { FlowNode, FlowProblem, FlowProblemCode } from './flow.ts'
import { fieldMeta, sayIssue } from './flow-words.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { templateProblem } from './mapping/template.ts'
import { nodeDescriptions, type CheckedNode } from './nodes/index.ts'
import { pop3Actions } from './nodes/receive-email.ts'
import { compileAddressLine } from './sending/address-line.ts'
import { isFieldUsed } from './used-fields.ts'

/** `shared` is false where whoever asks may not use it. */
export interface KnownConnection { readonly id: string; readonly kind: string; readonly shared?: boolean }
export interface CheckedConfig { readonly node: CheckedNode | null; readonly problems: readonly FlowProblem[] }

export function checkConfig(node: FlowNode, connections: readonly KnownConnection[]): CheckedConfig {
  const { config, title } = nodeDescriptions[node.kind]
  const report = reporter(node.id)
  const missing = missingConnections(node, report)
  const named = new Set(missing.map(({ field }) => field))
  const parsed = config.safeParse(node.config)
  const wrong = parsed.success ? [] : parsed.error.issues.flatMap((issue) => {
    const field = issue.path.map(String).join('.')
    if (named.has(field)) return []
    return [report(fieldCode(field), field, sayIssue(issue, titleOf(config, issue.path.map(String), title)))]
  })
  const problems = [...missing, ...wrong, ...checkConnections(node, connections, named, report), ...checkAddresses(node, report)]
  // A connection of the wrong kind has nothing more to be said of it. What passed the schema is JSON like the config itself.
  if (parsed.success && !problems.some(({ code }) => code === 'NODE_WRONG_CONNECTION')) problems.push(...checkPop3(node, parsed.data as JsonObject, connections, report))
  // A config that passed the schema of its kind is that kind's config; the table of descriptions ties the two.
  const checked = parsed.success ? ({ id: node.id, kind: node.kind, name: node.name ?? title, config: parsed.data } as CheckedNode) : null
  return { node: checked, problems }
}

function titleOf(config: z.ZodObject, [first = '', row, ...rest]: readonly string[], title: string): string {
  const meta = fieldMeta(config, first)
  if (meta?.widget === 'rows' && row !== undefined) return `Row ${Number(row) + 1}${rest.length > 0 ? `, ${rest.join('.')}` : ''}`
  return meta?.title ?? (first || title)
}

type Report = (code: FlowProblemCode, field: string, advice: string) => FlowProblem
const reporter = (node: string): Report => (code, field, advice) => ({ code, severity: 'error', node, field, advice })

/** A row's missing value has its own code, so the canvas can lead to the mapping. */
const fieldCode = (field: string): FlowProblemCode => (/^rows\.\d+\.from$/.test(field) ? 'MAP_NO_VALUE' : 'NODE_CONFIG')

/** Fields that hold a connection: of the form, and of the folder to look in. */
function connectionFields(node: FlowNode): readonly { field: string; value: Json | undefined; kinds: readonly string[] }[] {
  const { config } = nodeDescriptions[node.kind]
  return Object.keys(config.shape).flatMap((name) => {
    const meta = fieldMeta(config, name)
    const value = node.config[name]
    if (!isFieldUsed(config, name, node.config)) return []
    if (meta?.widget === 'connection') return [{ field: name, value, kinds: meta.connectionKinds ?? [] }]
    if (meta?.widget === 'mailbox-list' && Array.isArray(value)) return value.flatMap((one, at) => (isJsonObject(one) ? [{ field: `${name}.${at}.connection`, value: one['connection'], kinds: meta.connectionKinds ?? [] }] : []))
    // Only an IMAP mailbox can be searched for a mail.
    if (meta?.widget === 'probe' && isJsonObject(value)) return [{ field: `${name}.connection`, value: value['connection'], kinds: ['imap'] }]
    return []
  })
}

function missingConnections(node: FlowNode, report: Report): readonly FlowProblem[] {
  return connectionFields(node)
    .filter(({ value }) => value === undefined || value === null || value === '')
    .map(({ field, kinds }) => report('NODE_NO_CONNECTION', field, `Choose ${sayKinds(kinds)} for ${sayNode(node)}.`))
}

function checkConnections(node: FlowNode, connections: readonly KnownConnection[], missing: ReadonlySet<string>, report: Report): readonly FlowProblem[] {
  return connectionFields(node).flatMap(({ field, value, kinds }) => {
    if (typeof value !== 'string' || missing.has(field)) return []
    const known = connections.find((connection) => connection.id === value)
    if (!known) return [report('NODE_UNKNOWN_CONNECTION', field, `There is no connection named "${value.slice(0, 64)}" here. Choose another, or make one of that name.`)]
    if (known.shared === false) return [report('NODE_CONNECTION_NOT_SHARED', field, `"${known.id}" is not shared with you. Choose another connection, or ask the administrator to share it.`)]
    return kinds.includes(known.kind) ? [] : [report('NODE_WRONG_CONNECTION', field, `"${known.id}" is ${sayKinds([known.kind])}, but ${sayNode(node)} needs ${sayKinds(kinds)}. Choose another.`)]
  })
}

const kindWords: Record<string, string> = { imap: 'a mailbox', pop3: 'a POP3 mailbox', smtp: 'a server for sending' }
/** Where either protocol will do, a mailbox is a mailbox. */
const sayKinds = (kinds: readonly string[]): string => kinds.filter((kind) => kind !== 'pop3' || !kinds.includes('imap')).map((kind) => kindWords[kind] ?? kind).join(' or ')

/** What the form asks of a mailbox that is read by POP3, defaults included: only what POP3 has words for. */
function checkPop3(node: FlowNode, full: JsonObject, connections: readonly KnownConnection[], report: Report): readonly FlowProblem[] {
  const { config } = nodeDescriptions[node.kind]
  const known = connections.find(({ id }) => id === full['connection'])
  if (known?.kind !== 'pop3') return []
  return Object.keys(config.shape).flatMap((name) => {
    const meta = fieldMeta(config, name)
    const value = full[name]
    if (!isFieldUsed(config, name, node.config)) return []
    if (meta?.widget === 'folder' && typeof value === 'string' && !/^inbox$/i.test(value)) return [report('NODE_CONFIG', name, `"${known.id}" is read by POP3, which has one folder. Put "INBOX" into "${meta.title}".`)]
    const action = meta?.widget === 'after' && isJsonObject(value) ? value['do'] : undefined
    if (!meta || action === undefined || pop3Actions.some((one) => one === action)) return []
    return [report('NODE_CONFIG', name, `"${known.id}" is read by POP3, which can only leave or delete a mail. Choose one of the two under "${meta.title}".`)]
  })
}

/** Typed address lines are judged here, before a mail is held up by a typing mistake. */
function checkAddresses(node: FlowNode, report: Report): readonly FlowProblem[] {
  const { config } = nodeDescriptions[node.kind]
  return Object.keys(config.shape).flatMap((name) => {
    const meta = fieldMeta(config, name)
    const line = node.config[name]
    if (meta?.widget !== 'addresses' || typeof line !== 'string' || !isFieldUsed(config, name, node.config)) return []
    const { bad, count } = meta.template === true ? compileAddressLine(line, name, meta.title) : plainLine(line)
    // What is wrong with the template as a whole is told with its line and column (checkTexts).
    if (bad !== null && bad.includes('{{') && meta.template === true) return templateProblem(line) ? [] : [report('NODE_CONFIG', name, `"${bad.trim().slice(0, 100)}" in "${meta.title}" can't be filled in: between two commas stands one address, and a hole or a block with its end.`)]
    if (bad !== null) return [report('NODE_CONFIG', name, `"${bad.trim().slice(0, 100)}" in "${meta.title}" is not a mail address. Write it like name@example.org.`)]
    return meta.one === true && count > 1 ? [report('NODE_CONFIG', name, `"${meta.title}" takes one address. Remove the others.`)] : []
  })
}

function plainLine(line: string): { readonly bad: string | null; readonly count: number } {
  const { addresses, bad } = parseAddresses(line)
  return { bad: bad[0] ?? null, count: addresses.length }
}

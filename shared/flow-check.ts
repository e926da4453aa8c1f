/**
 * Reads a flow file and judges a flow: everything that would keep it from running well, each with what to do about it.
 * Never throws, whatever it is given, and works in time linear in the flow. A flow with an error is not deployed.
 */
import type { z } from 'zod'
import { checkCircles, type RunningFlow } from './check-circles.ts'
import { checkConfig, type KnownConnection } from './check-config.ts'
import { checkLinks } from './check-links.ts'
import { checkPop3 } from './check-pop3.ts'
import { checkRunMail } from './check-run-mail.ts'
import { flowSchema, nodeKinds, type Flow, type FlowProblem } from './flow.ts'
import { orderFlow } from './flow-order.ts'
import { upgradeFlow } from './flow-upgrade.ts'
import { sayIssue } from './flow-words.ts'
import { isJsonObject } from './json.ts'
import { checkRows, checkTexts, loadCheckers } from './mapping/check.ts'
import { rowSchema, type Row } from './mapping/mapping.ts'
import { findNearest } from './mapping/nearest.ts'
import { mappingBefore, sourcesOf, targetOf } from './mapping/sources.ts'
import { templatesOf } from './node-templates.ts'
import { loadSchedules, scheduleProblem, scheduleSchema } from './schedule.ts'
import { sendingOf } from './sending/safety.ts'
import { mailboxesOf } from './nodes/receive-email.ts'
import { nodeDescriptions, type CheckedFlow } from './nodes/index.ts'
import { inputOf } from './nodes/input-of.ts'

export type { KnownConnection } from './check-config.ts'
export interface FlowContext { readonly connections: readonly KnownConnection[]; /** Flows beside this one, for circles between them. */ readonly running?: readonly RunningFlow[] }
export interface ReadFlow { readonly flow: Flow | null; readonly problems: readonly FlowProblem[] }
export interface FlowVerdict { readonly flow: CheckedFlow | null; readonly problems: readonly FlowProblem[] }

/** A flow of 200 nodes with long templates has about 1 MB; a file larger than this is something else. */
const maxFlowChars = 8 * 1024 * 1024

/** From the file's text. An unfinished draft is read too: only its outer shape is judged here. */
export function readFlow(text: string): ReadFlow {
  if (text.length > maxFlowChars) return { flow: null, problems: [wholeFlow('FLOW_NOT_JSON', 'The file is far larger than any flow. Choose another file.')] }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    return { flow: null, problems: [wholeFlow('FLOW_NOT_JSON', `This file is not JSON: ${error instanceof Error ? error.message : 'it can\'t be read'}. Correct it in a text editor.`)] }
  }
  return readShape(file)
}

/** `flow` may be anything. The checked flow is null when any problem is an error. */
export function checkFlow(flow: unknown, context: FlowContext): FlowVerdict {
  const read = readShape(flow)
  return read.flow ? judge(read.flow, context) : { flow: null, problems: read.problems }
}

/** As checkFlow, with expressions and patterns checked too: loads what reads them when the flow has any. For deploy and `check`. */
export async function checkFlowFully(flow: unknown, context: FlowContext): Promise<FlowVerdict> {
  const { flow: read } = readShape(flow)
  for (const node of read?.nodes ?? []) await loadCheckers(node.kind === 'map-data' ? rowsOf(node) : templatesOf(node).map(({ field, text }) => ({ to: field, template: text })))
  if (read?.nodes.some((node) => node.config['schedule'] !== undefined)) await loadSchedules()
  return checkFlow(flow, context)
}

const wholeFlow = (code: FlowProblem['code'], advice: string, field = ''): FlowProblem => ({ code, severity: 'error', node: '', field, advice })

function readShape(file: unknown): ReadFlow {
  const upgraded = upgradeFlow(file)
  if ('problem' in upgraded) return { flow: null, problems: [wholeFlow(isJsonObject(file) ? 'FLOW_FORMAT' : 'FLOW_SHAPE', upgraded.problem)] }
  const foreign = unknownKinds(upgraded.flow['nodes'])
  if (foreign.length > 0) return { flow: null, problems: foreign }
  try {
    const parsed = flowSchema.safeParse(upgraded.flow)
    return parsed.success ? { flow: parsed.data, problems: [] } : { flow: null, problems: parsed.error.issues.map((issue) => shapeProblem(issue)) }
  } catch {
    // Nested deeper than the stack; nothing a person drew.
    return { flow: null, problems: [wholeFlow('FLOW_SHAPE', 'The file nests far deeper than any flow. Choose another file.')] }
  }
}

function unknownKinds(nodes: unknown): readonly FlowProblem[] {
  return (Array.isArray(nodes) ? nodes : []).flatMap((node: unknown, at): readonly FlowProblem[] => {
    if (!isJsonObject(node)) return []
    const { kind, id } = node
    if (typeof kind !== 'string' || nodeKinds.some((known) => known === kind)) return []
    const nearest = findNearest(kind, nodeKinds)
    const advice = `This version has no step of kind "${kind.slice(0, 60)}".${nearest ? ` Did you mean "${nearest}"?` : ' Update Mailweave, or remove the step.'}`
    return [{ code: 'NODE_UNKNOWN_KIND', severity: 'error', node: typeof id === 'string' ? id.slice(0, 64) : '', field: `nodes.${at}.kind`, advice }]
  })
}

function shapeProblem(issue: z.core.$ZodIssue): FlowProblem {
  const field = issue.path.map(String).join('.')
  return wholeFlow('FLOW_SHAPE', sayIssue(issue, field || 'The flow file'), field)
}

function judge(flow: Flow, context: FlowContext): FlowVerdict {
  const order = orderFlow(flow, (kind) => nodeDescriptions[kind].trigger)
  const configs = flow.nodes.map((node) => checkConfig(node, context.connections))
  const problems = [
    ...checkWhole(flow), ...checkIds(flow), ...checkLinks(flow, order),
    ...configs.flatMap((config) => config.problems),
    ...flow.nodes.flatMap((node) => checkMapping(flow, node)),
    ...flow.nodes.flatMap((node) => checkTemplates(flow, node)),
    ...flow.nodes.flatMap((node) => [...checkPop3(flow, node, context.connections), ...checkRunMail(flow, node)]),
    ...checkSending(flow), ...checkCircles(flow, context.running ?? []), ...checkRecipients(flow), ...flow.nodes.flatMap(checkTimes),
  ]
  if (problems.some(({ severity }) => severity === 'error')) return { flow: null, problems }
  const byId = new Map(configs.flatMap(({ node }) => (node ? [[String(node.id), node] as const] : [])))
  const nodes = order.order.flatMap((id) => byId.get(id) ?? [])
  const edges = flow.edges.map(({ from, to, port }) => ({ from, to, ...(port === undefined ? {} : { port }) }))
  return { flow: { id: flow.id, name: flow.name, nodes, edges, sending: sendingOf(flow.sending) }, problems }
}

function checkWhole(flow: Flow): readonly FlowProblem[] {
  if (flow.nodes.length === 0) return [wholeFlow('FLOW_EMPTY', 'The flow is empty. Drag "Receive email" onto the canvas to begin.')]
  const triggers = flow.nodes.filter((node) => nodeDescriptions[node.kind].trigger)
  const problems: FlowProblem[] = []
  if (triggers.length === 0) problems.push(wholeFlow('FLOW_NO_TRIGGER', 'Nothing starts this flow. Add "Receive email".'))
  for (const extra of readTwice(triggers)) {
    problems.push({ ...wholeFlow('FLOW_TWO_TRIGGERS', 'This folder is watched twice in this flow, and each mail runs once a flow. Choose another folder here, or remove one of them.'), node: extra.id })
  }
  if (!flow.nodes.some((node) => nodeDescriptions[node.kind].effect)) problems.push(wholeFlow('FLOW_NO_EFFECT', 'The flow takes mail but does nothing with it. Add "Send email".'))
  return problems
}

/** Said before each deploy, so that nobody takes a flow for live that writes to one tester alone. */
function checkSending({ sending }: Flow): readonly FlowProblem[] {
  if (sending?.testTo === undefined) return []
  return [{ code: 'FLOW_TEST_MODE', severity: 'warning', node: '', field: 'sending.testTo', advice: `Test mode is on: every mail of this flow goes to ${sending.testTo} instead of the people it is for. Switch it off in the flow's safety settings when the flow is to work.` }]
}

/** Receiving steps that name a mailbox which an earlier one, or they themselves, named already. */
function readTwice(triggers: readonly Flow['nodes'][number][]): readonly Flow['nodes'][number][] {
  const seen = new Set<string>()
  return triggers.filter(({ kind, config }) => {
    if (kind !== 'receive-email') return false
    const names = mailboxesOf(config).map(({ connection, folder }) => JSON.stringify([connection, /^inbox$/i.test(folder) ? 'INBOX' : folder]))
    const isTwice = names.some((name, at) => seen.has(name) || names.indexOf(name) !== at)
    for (const name of names) seen.add(name)
    return isTwice
  })
}

/** Names that mappings use themselves, or that are fields of every object of the language. */
const reservedIds = new Set(['run', 'this', 'constructor', 'prototype'])

function checkIds(flow: Flow): readonly FlowProblem[] {
  const seen = new Set<string>()
  return flow.nodes.flatMap((node): readonly FlowProblem[] => {
    const isTaken = seen.has(node.id)
    seen.add(node.id)
    if (reservedIds.has(node.id)) return [{ ...wholeFlow('NODE_DUPLICATE_ID', `A step can't have the id "${node.id}"; mappings use that name. Give it another.`, 'id'), node: node.id }]
    return isTaken ? [{ ...wholeFlow('NODE_DUPLICATE_ID', `Two steps have the id "${node.id}". Give one of them another.`, 'id'), node: node.id }] : []
  })
}

/** Row by row, so that one unfinished row does not hide what is wrong with the others. */
function checkMapping(flow: Flow, node: Flow['nodes'][number]): readonly FlowProblem[] {
  if (node.kind !== 'map-data') return []
  return checkRows(rowsOf(node), targetOf(flow, node.id), sourcesOf(flow, node.id), node.id)
}

/** Holes in the form of a step, judged as a mapping's templates are. */
function checkTemplates(flow: Flow, node: Flow['nodes'][number]): readonly FlowProblem[] {
  const texts = templatesOf(node).filter(({ text }) => text.includes('{{'))
  return texts.length === 0 ? [] : checkTexts(texts, sourcesOf(flow, node.id), node.id)
}

const rowsOf = (node: Flow['nodes'][number]): readonly (Row | null)[] => {
  const { rows } = node.config
  return (Array.isArray(rows) ? rows : []).map((row: unknown) => rowSchema.safeParse(row).data ?? null)
}

/** Read while the library is loaded (checkFlowFully); any day does to see whether a time ever comes. */
function checkTimes({ id, config }: Flow['nodes'][number]): readonly FlowProblem[] {
  const schedule = scheduleSchema.safeParse(config['schedule']).data
  const advice = schedule ? scheduleProblem(schedule, '2026-01-01T00:00:00.000Z') : null
  return advice === null ? [] : [{ code: 'NODE_CONFIG', severity: 'error', node: id, field: 'schedule.cron', advice }]
}

/** A row that was added and not filled in yet gives nothing, whatever the mail. */
const isBlank = ({ value, template, through }: Row): boolean =>
  (through ?? []).length === 0 && ((typeof value === 'string' && value.trim() === '') || template?.trim() === '')

/** Each target field that must have a value gets one from the mapping in front or from the form of the step itself. */
function checkRecipients(flow: Flow): readonly FlowProblem[] {
  return flow.nodes.flatMap((node) => {
    const { title } = nodeDescriptions[node.kind]
    const input = inputOf(node)
    if (!input) return []
    const before = mappingBefore(flow, node.id)
    const mapped = before ? rowsOf(before).flatMap((row) => (row && !isBlank(row) ? [row.to] : [])) : []
    const isFilled = (field: string): boolean => mapped.includes(field) || (typeof node.config[field] === 'string' && node.config[field].trim() !== '')
    return Object.entries(input.fields ?? {}).flatMap(([field, shape]): readonly FlowProblem[] => {
      if (!shape.required || isFilled(field)) return []
      // A mail to hidden recipients alone is a mail.
      if (field === 'to' && (isFilled('cc') || isFilled('bcc'))) return []
      const advice = `Say what goes into "${shape.title}" of ${title}: map a field to it, or type it there.`
      return [{ code: 'MAP_REQUIRED_TARGET', severity: 'error', node: before?.id ?? node.id, field: before ? 'rows' : field, advice }]
    })
  })
}

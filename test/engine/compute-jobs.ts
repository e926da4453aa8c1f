/** Flows and jobs for the computing tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { NodeKind } from '#shared/flow.ts'
import type { JsonObject } from '#shared/json.ts'
import { flowId, nodeId } from '#shared/ids.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import { nodeDescriptions, type CheckedFlow, type CheckedNode } from '#shared/nodes/index.ts'
import type { SendEmailConfig } from '#shared/nodes/send-email.ts'
import type { ComputeJob } from '#runtime/engine/compute.ts'
import { facts } from '../mail/mime-letters.ts'

export const receive = (config: { unreadable?: 'run' | 'put-aside' } = {}): CheckedNode =>
  ({ id: nodeId('receive'), kind: 'receive-email', name: '', config: nodeDescriptions['receive-email'].config.parse({ connection: 'inbox', ...config }) })
export const map = (rows: readonly Row[], id = 'map'): CheckedNode => ({ id: nodeId(id), kind: 'map-data', name: '', config: { rows: [...rows] } })
export const send = (config: Partial<SendEmailConfig> = {}, id = 'send'): CheckedNode =>
  ({ id: nodeId(id), kind: 'send-email', name: '', config: sendConfig(config) })
export const sendConfig = (config: Partial<SendEmailConfig> = {}): SendEmailConfig =>
  nodeDescriptions['send-email'].config.parse({ connection: 'outbox', from: 'Flow <flow@example.org>', ...config })

/** Any kind, its config checked and filled up as a deploy does. */
export const step = (kind: NodeKind, config: JsonObject, id: string): CheckedNode =>
  ({ id: nodeId(id), kind, name: '', config: nodeDescriptions[kind].config.parse(config) } as CheckedNode) // the schema of the kind has just passed it

/** Each node behind the one before it, unless `edges` says otherwise. */
export function flowOf(nodes: readonly CheckedNode[], edges?: readonly (readonly [string, string])[]): CheckedFlow {
  const chain = nodes.slice(1).map((node, index): readonly [string, string] => [nodes[index]?.id ?? '', node.id])
  return { id: flowId('tickets'), name: 'Tickets', nodes, edges: (edges ?? chain).map(([from, to]) => ({ from: nodeId(from), to: nodeId(to) })) }
}

export const at = '2026-03-04T05:06:07.000Z'

export function jobOf(flow: CheckedFlow, bytes: Uint8Array, more: Partial<ComputeJob> = {}): ComputeJob {
  return { run: 'run-1', mail: 'mail-1', flow, version: 3, facts, raw: { kind: 'bytes', bytes }, at, spool: { folder: tmpdir(), inlineLimit: 1_000_000 }, explain: true, ...more }
}

export function scratch(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'mailweave-compute-'))
  return { folder, remove: () => { rmSync(folder, { recursive: true, force: true }) } }
}

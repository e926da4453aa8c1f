/** The flow file, `flows/<id>.json`: nodes, edges, and a view that is for the eye alone. */
import { z } from 'zod'
import { sendingSchema } from './sending/safety.ts'
import { flowIdSchema, nodeIdSchema } from './ids.ts'

export const nodeKinds = ['receive-email', 'mailbox-event', 'map-data', 'send-email', 'find-mails', 'fetch-mail', 'change-mail', 'create-folder'] as const
export type NodeKind = (typeof nodeKinds)[number]

/** The newest format this version writes; older ones go through flow-upgrade.ts. */
export const flowFormat = 1

/** The outer shape only: a draft may hold unfinished configs and must still load, so configs are checked by checkFlow. */
export const flowNodeSchema = z.object({
  id: nodeIdSchema,
  kind: z.enum(nodeKinds),
  /** Shown instead of the kind's title. */
  name: z.string().max(120).optional(),
  notes: z.string().max(10_000).optional(),
  config: z.record(z.string(), z.json()).default({}),
}).strict()

const flowEdgeSchema = z.object({
  from: nodeIdSchema,
  to: nodeIdSchema,
  /** Which way out of a branching node; left out for the only one. */
  port: z.string().max(64).optional(),
}).strict()

export const flowSchema = z.object({
  $schema: z.string().optional(),
  format: z.literal(flowFormat),
  id: flowIdSchema,
  name: z.string().trim().min(1, 'Give the flow a name').max(120),
  nodes: z.array(flowNodeSchema).max(200),
  edges: z.array(flowEdgeSchema).max(1000),
  /** What the flow as a whole may send: test address, allow-list, budgets, first look. */
  sending: sendingSchema.optional(),
  view: z.object({
    positions: z.record(z.string(), z.tuple([z.number(), z.number()])).default({}),
  }).default({ positions: {} }),
}).strict()

export type Flow = z.infer<typeof flowSchema>
export type FlowNode = Flow['nodes'][number]
export type FlowEdge = Flow['edges'][number]

/** One thing wrong with a flow, drawn as a badge on its node. Errors block a deploy, warnings do not. */
export interface FlowProblem {
  readonly code: FlowProblemCode
  readonly severity: 'error' | 'warning'
  /** '' when it is about the whole flow. */
  readonly node: string
  /** Path inside the node's config, e.g. `connection` or `rows.2.from`; '' when about the node. */
  readonly field: string
  /** What is wrong and what to do, in plain words. */
  readonly advice: string
}

export type FlowProblemCode =
  | 'FLOW_NOT_JSON' | 'FLOW_SHAPE' | 'FLOW_FORMAT' | 'FLOW_EMPTY'
  | 'NODE_UNKNOWN_KIND' | 'NODE_DUPLICATE_ID' | 'NODE_CONFIG' | 'NODE_NO_CONNECTION' | 'NODE_UNKNOWN_CONNECTION' | 'NODE_CONNECTION_NOT_SHARED'
  | 'NODE_WRONG_CONNECTION' | 'NODE_UNREACHABLE'
  | 'EDGE_DANGLING' | 'EDGE_NOT_ALLOWED' | 'EDGE_DUPLICATE' | 'FLOW_CYCLE' | 'FLOW_NO_TRIGGER' | 'FLOW_TWO_TRIGGERS' | 'FLOW_NO_EFFECT' | 'FLOW_TEST_MODE' | 'FLOW_CIRCLE'
  | 'MAP_UNKNOWN_SOURCE' | 'MAP_UNKNOWN_TARGET' | 'MAP_UNKNOWN_FUNCTION' | 'MAP_BAD_ARGUMENT' | 'MAP_TYPE' | 'MAP_EXPRESSION' | 'MAP_TEMPLATE'
  | 'MAP_NO_VALUE' | 'MAP_DUPLICATE_TARGET' | 'MAP_REQUIRED_TARGET'

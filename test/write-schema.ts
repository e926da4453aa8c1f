/** Writes shared/flow.schema.json, which editors use to complete flow files: node test/write-schema.ts */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { flowNodeSchema, flowSchema } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'

/** The file's schema, with each kind's config in full, so that hand-written files are completed and checked while typing. */
export function makeFlowSchema(): string {
  const node = z.union(Object.values(nodeDescriptions).map(({ kind, config }) => flowNodeSchema.extend({ kind: z.literal(kind), config: z.strictObject(config.shape).partial() })))
  const schema = z.toJSONSchema(flowSchema.extend({ nodes: z.array(node).max(200) }), { io: 'input', unrepresentable: 'any' })
  return `${JSON.stringify({ title: 'Mailweave flow', ...schema }, null, 2)}\n`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync('shared/flow.schema.json', makeFlowSchema())

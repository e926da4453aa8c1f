/** Whether the bytes of a mail that a step fetches may be sent on in its run: then they are kept until it is computed. */
import type { CheckedFlow } from '#shared/nodes/index.ts'

export const sendsFetched = (flow: CheckedFlow, step: string): boolean => mapsAttachments(flow) || flow.nodes.some((node) => node.kind === 'send-email' && node.config.mode !== 'new' && node.config.of === step)

export const mapsAttachments = (flow: CheckedFlow): boolean =>
  flow.nodes.some((node) => node.kind === 'map-data' && node.config.rows.some((row) => row.to === 'attachments' || row.to.startsWith('attachments.')))

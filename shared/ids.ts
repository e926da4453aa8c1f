/** The ids of the house: strings that the compiler keeps apart, so that a run id never stands where a mail id belongs. */
import { z } from 'zod'

/** What a person names (flow, connection, node): lower case, digits and hyphens; safe as a file name and in a URL. */
const slug = z
  .string()
  .min(1, 'needs a name')
  .max(64, 'is longer than 64 characters')
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'may hold lower-case letters, digits and hyphens only')

export const flowIdSchema = slug.brand<'FlowId'>()
export const connectionIdSchema = slug.brand<'ConnectionId'>()
/** Node ids are also names in mappings (`receive.subject`), so they may carry capitals. */
export const nodeIdSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'starts with a letter and holds letters, digits, _ and - only')
  .brand<'NodeId'>()
export const runIdSchema = z.string().min(1).max(64).brand<'RunId'>()
export const mailIdSchema = z.string().min(1).max(64).brand<'MailId'>()
/** Its run's id, its step's and which edited copy it is. */
export const sendIdSchema = z.string().min(1).max(120).brand<'SendId'>()

export type FlowId = z.infer<typeof flowIdSchema>
export type ConnectionId = z.infer<typeof connectionIdSchema>
export type NodeId = z.infer<typeof nodeIdSchema>
/** One mail through one flow version. */
export type RunId = z.infer<typeof runIdSchema>
/** One mail of one mailbox: the ledger's row. */
export type MailId = z.infer<typeof mailIdSchema>
/** One mail to be sent by one step of one run: the outbox's row. */
export type SendId = z.infer<typeof sendIdSchema>

// Casts for ids that this house made itself or has read from its own store; what comes from outside goes through the schemas.
export const flowId = (text: string): FlowId => text as FlowId
export const connectionId = (text: string): ConnectionId => text as ConnectionId
export const nodeId = (text: string): NodeId => text as NodeId
export const runId = (text: string): RunId => text as RunId
export const mailId = (text: string): MailId => text as MailId
export const sendId = (text: string): SendId => text as SendId

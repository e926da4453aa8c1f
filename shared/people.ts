/** Named people beside the administrator: what each may do, and with whom a connection is shared. */
import { z } from 'zod'

/** What a person can be given. Adding people is the administrator's alone. */
export const grants = ['view', 'edit', 'deploy', 'secrets'] as const
export type Grant = (typeof grants)[number]
/** Whom the main token stands for. */
export const adminName = 'admin'

/** Names that stand for somebody else in the audit log and in `sharing`. */
const reserved: readonly string[] = [adminName, 'admins', 'administrator', 'everyone', 'nobody']

/** As a person writes it: letters of any language, no controls, nothing that looks like a path or a command line's option. */
export const personNameSchema = z.string().trim().normalize('NFC')
  .min(1, 'Type a name')
  .max(64, 'is longer than 64 characters')
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'@_-]*$/u, 'may hold letters, digits, spaces and . \' @ _ - only')
  .refine((name) => !reserved.includes(name.toLowerCase()), 'is taken by Mailweave itself')

/** In the table's order, each once; who may do anything may look. */
export const grantsSchema = z.array(z.enum(grants)).min(1, 'Say what this person may do').max(20)
export const allGrants = (given: readonly Grant[]): readonly Grant[] => grants.filter((grant) => grant === 'view' || given.includes(grant))

export const isSameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** Who may see a connection, use it in a flow they deploy, look into its mailbox and change it. The administrator always may. */
export const sharingSchema = z.union([z.enum(['everyone', 'admins']), z.array(personNameSchema).max(200)])
export type Sharing = z.infer<typeof sharingSchema>

export const isSharedWith = (sharing: Sharing, name: string): boolean => sharing === 'everyone' || (sharing !== 'admins' && sharing.includes(name))

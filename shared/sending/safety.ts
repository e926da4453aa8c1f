/**
 * What a flow may send at all, whatever its steps say: the whole flow's test address, allow-list, budgets and first look.
 * Left out, a flow may write to everybody, within budgets that no office reaches and a runaway flow does at once.
 */
import { z } from 'zod'
import { isAddress } from '../address.ts'

/** Counted over a rolling hour, or day; 0 is no limit. More than these are counted nowhere. */
const budget = z.number().int().min(0).max(10_000)
const personalBudget = z.number().int().min(0).max(1000)

const domain = String.raw`(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?`
const ofDomain = new RegExp(`^@(?:\\*\\.)?${domain}$`, 'u')

/** `ann@example.org`, `@example.org` (that domain alone) or `@*.example.org` (all below it). */
const allowed = z.string().max(320).refine((text) => ofDomain.test(text) || (isAddress(text) && !text.startsWith('*')), { error: ({ input }) => `"${String(input).slice(0, 100)}" is neither an address like ann@example.org, nor a domain like @example.org, nor all below one like @*.example.org` })

export const sendingSchema = z.object({
  /** Everything goes to this address alone. */
  testTo: z.string().max(320).refine(isAddress, 'The test address is not a mail address. Write it like name@example.org').optional(),
  /** Nobody else is written to; empty lets everybody through. */
  allow: z.array(allowed).max(200).optional(),
  /** Mails, whoever they go to. */
  perHour: budget.optional(),
  /** Mails to people that the flow does not name itself: their addresses come out of mails. */
  strangersPerHour: budget.optional(),
  /** To one of them. */
  perStrangerHour: personalBudget.optional(),
  perStrangerDay: personalBudget.optional(),
  /** So many mails of each version wait for a person's yes. */
  approveFirst: z.number().int().min(0).max(1000).optional(),
}).strict()
export type SendingSettings = z.infer<typeof sendingSchema>

/** With what is left out filled in; '' and 0: not asked for. */
export interface Sending {
  readonly testTo: string
  readonly allow: readonly string[]
  readonly perHour: number
  readonly strangersPerHour: number
  readonly perStrangerHour: number
  readonly perStrangerDay: number
  readonly approveFirst: number
}

/**
 * strangersPerHour: more answers than a busy shop's desk gives in an hour, and below the 1,800 (30 a minute) that Microsoft 365
 * lets one account send. perStranger: one person who writes 20 times in an hour, or 100 times a day, is a machine. All mails
 * together have no limit: what goes to the flow's own desk is as much as comes in.
 */
export const defaultSending: Sending = { testTo: '', allow: [], perHour: 0, strangersPerHour: 1000, perStrangerHour: 20, perStrangerDay: 100, approveFirst: 0 }

export const sendingOf = (settings: SendingSettings | undefined): Sending => {
  if (!settings) return defaultSending
  const { testTo = '', allow = [], approveFirst = 0 } = settings
  return {
    testTo, allow, approveFirst, perHour: settings.perHour ?? defaultSending.perHour, strangersPerHour: settings.strangersPerHour ?? defaultSending.strangersPerHour,
    perStrangerHour: settings.perStrangerHour ?? defaultSending.perStrangerHour, perStrangerDay: settings.perStrangerDay ?? defaultSending.perStrangerDay,
  }
}

/** Case counts for nothing: no server that people use tells addresses apart by it. */
export function isAllowed(address: string, allow: readonly string[]): boolean {
  if (allow.length === 0) return true
  const asked = address.toLowerCase()
  const at = asked.slice(asked.lastIndexOf('@'))
  return allow.some((one) => {
    const rule = one.toLowerCase()
    if (rule.startsWith('@*.')) return at.endsWith(rule.slice(2)) && at.length > rule.length - 1
    return rule.startsWith('@') ? at === rule : asked === rule
  })
}

/** Addresses that stand in the flow itself, in lower case: whoever drew it chose them, no mail brought them in. */
export function namedAddresses(nodes: readonly { readonly config: unknown }[]): ReadonlySet<string> {
  const found = JSON.stringify(nodes.map(({ config }) => config)).toLowerCase().match(/[^\s"\\<>,;:()[\]{}]+@[^\s"\\<>,;:()[\]{}]+/g)
  return new Set(found)
}

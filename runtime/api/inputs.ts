/** Small inputs that several routes share: ids in paths, etags, paging, the person's midnight. */
import type { Request } from 'express'
import { z } from 'zod'
import { connectionIdSchema, flowIdSchema, runIdSchema, sendIdSchema } from '#shared/ids.ts'
import type { Clock } from '../clock.ts'
import { api } from '../limits.ts'

export const flowParams = z.strictObject({ id: flowIdSchema })
export const connectionParams = z.strictObject({ id: connectionIdSchema })
export const runParams = z.strictObject({ id: runIdSchema })
export const sendParams = z.strictObject({ id: sendIdSchema })
/** The place of an attachment in its mail, from 0. */
const place = z.string().regex(/^\d{1,4}$/, 'a number').transform(Number)
export const runPartParams = runParams.extend({ n: place })
export const sendPartParams = sendParams.extend({ n: place })

/** Routes without input take an empty object or no body at all. */
export const nothing = z.strictObject({}).optional()

export const paging = {
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(api.pageRowsMost).default(api.pageRows),
}

export const isoTime = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())

/** `dayStart` is the midnight of whoever looks, since only they know their time zone; left out, the server's counts. */
export const dayQuery = z.strictObject({ dayStart: isoTime.optional() })
export const dayStartOf = (given: string | undefined, clock: Clock): string => {
  if (given !== undefined) return given
  const day = new Date(clock.now())
  day.setHours(0, 0, 0, 0)
  return day.toISOString()
}

/** The etag a writer last saw (RFC 9110 section 13.1): quotes and a weak mark are taken off; `If-None-Match: *` means "only if it is new". */
export function expectedEtag(request: Request): string | null {
  const match = request.headers['if-match']
  if (match !== undefined && match.trim() !== '*') return match.trim().replace(/^W\//, '').replace(/^"(.*)"$/, '$1')
  return request.headers['if-none-match']?.trim() === '*' ? 'none' : null
}
export const etagHeader = (etag: string): { readonly ETag: string } => ({ ETag: `"${etag}"` })

/** Leaves out what is undefined, as exactOptionalPropertyTypes wants it. */
export const given = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  // Entries that are undefined are gone, which is what the type says.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }

/** Faults as HTTP: each catalogue code with its status. What is no fault becomes INTERNAL with a mark that the log knows, and tells nothing else. */
import { randomBytes } from 'node:crypto'
import type { ApiError } from '#shared/api.ts'
import { Fault, fault, type ErrorCode } from '#shared/errors.ts'
import type { Log } from '../log.ts'

const statuses: Partial<Record<ErrorCode, number>> = {
  API_BAD_REQUEST: 400, API_SIGN_IN: 401, API_FORBIDDEN: 403, API_NOT_FOUND: 404, API_TOO_MANY: 429,
  FLOW_NOT_FOUND: 404, RUN_NOT_FOUND: 404, CONNECTION_NOT_FOUND: 404, MAILBOX_NOT_FOUND: 404, PERSON_NOT_FOUND: 404, PERSON_EXISTS: 409, CONNECTION_NOT_SHARED: 403, MAILBOX_PAUSED: 409,
  FLOW_CHANGED_MEANWHILE: 412, FLOW_HAS_PROBLEMS: 422, FLOW_NOT_JSON: 422, FLOW_FORMAT: 422,
  CONNECTION_IN_USE: 409, CONNECTION_PASSWORD_AGAIN: 422, CONNECTION_KIND: 422, SECRET_UNREADABLE: 409,
  MAIL_TIMEOUT: 504, MAIL_HOST_FORBIDDEN: 403, MAIL_UNREADABLE: 422, MAIL_TLS_SETTING: 422, DISK_FULL: 507, INTERNAL: 500,
}

/** The mail server's trouble is not ours: 502, as a gateway says. */
const statusOf = (code: ErrorCode): number => statuses[code] ?? (code.startsWith('MAIL_') ? 502 : 422)

export interface Refusal { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: ApiError }

export function refusalOf(error: unknown, log: Log): Refusal {
  const known = error instanceof Fault ? error : parserFault(error)
  if (!known) {
    const mark = randomBytes(4).toString('hex')
    log.error('api.failed', { mark, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    return refusal(500, fault('INTERNAL', { reason: mark }))
  }
  return refusal(error instanceof Fault ? statusOf(known.code) : statusOfParser(error), known)
}

function refusal(status: number, { code, message, where, facts }: Fault): Refusal {
  const seconds = facts['seconds']
  const headers: Record<string, string> = {}
  if (code === 'API_TOO_MANY' && seconds !== undefined) headers['Retry-After'] = String(seconds)
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="mailweave"'
  return { status, headers, body: { error: { code, say: message, where } } }
}

/** Errors of express' own body and path reading carry a status below 500 and a type; nothing of the request is repeated. */
function parserFault(error: unknown): Fault | null {
  const status = statusOfParser(error)
  if (status < 400 || status >= 500) return null
  const reasons: Record<number, string> = {
    413: 'This is too large.', 415: 'The body must be JSON in UTF-8 with Content-Type: application/json.',
  }
  return fault('API_BAD_REQUEST', { reason: reasons[status] ?? 'The request can\'t be read: it must be well-formed JSON and a well-formed path.' })
}
const statusOfParser = (error: unknown): number =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500

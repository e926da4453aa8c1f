/** Turns SQLite's result codes (sqlite.org/rescode.html) into faults of the catalogue. */
import { Fault, fault } from '#shared/errors.ts'

const busy = 5
const ioError = 10
const full = 13

/** The primary code; extended ones carry more in their upper bits. */
const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0

export const isBusy = (error: unknown): boolean => codeOf(error) === busy

/** SQLITE_FULL, and SQLITE_IOERR because a full disk shows up as a failed write of the log as well. */
const isDiskTrouble = (error: unknown): boolean =>
  [full, ioError].includes(codeOf(error)) || (error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(String(error.code)))

export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (isDiskTrouble(error)) return fault('DISK_FULL', {}, '', error)
  return fault('INTERNAL', { reason: error instanceof Error ? error.message : String(error) }, '', error)
}

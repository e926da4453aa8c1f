/** The log: event name first, then facts, one JSON line each. Never bodies, never secrets: what could be one is struck out. */
import { pino } from 'pino'

export type LogFacts = Readonly<Record<string, unknown>>
export interface Log {
  debug(event: string, facts?: LogFacts): void
  info(event: string, facts?: LogFacts): void
  warn(event: string, facts?: LogFacts): void
  error(event: string, facts?: LogFacts): void
}
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const secretKeys = ['password', 'pass', 'token', 'secret', 'sealed', 'authorization', 'cookie', 'accessToken']

export function makeLog(level: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  const sink = pino(
    { level, base: null, messageKey: 'event', timestamp: () => `,"at":"${new Date().toISOString()}"`, formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...secretKeys, ...secretKeys.map((key) => `*.${key}`)], censor: '(struck out)' } },
    { write },
  )
  const at = (how: 'debug' | 'info' | 'warn' | 'error') => (event: string, facts: LogFacts = {}) => { sink[how](facts, event) }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

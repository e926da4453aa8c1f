/** `mailweave serve`: the editor and the runtime in one process, until it is told to stop. */
import { parseArgs } from 'node:util'
import { ZodError } from 'zod'
import { fault } from '#shared/errors.ts'
import { type Config, readConfig } from '#runtime/config.ts'
import { makeLog } from '#runtime/log.ts'
import { startMailweave } from '#runtime/main.ts'
import { stopOnSignals } from '#runtime/shutdown.ts'
import type { Command } from '../command.ts'

const options = {
  host: { type: 'string' }, port: { type: 'string' }, data: { type: 'string' }, flows: { type: 'string' },
  sandbox: { type: 'boolean' }, 'keep-days': { type: 'string' }, 'allow-hosts': { type: 'string' }, names: { type: 'string' }, log: { type: 'string' },
} as const

export const serve: Command = async (words) => {
  const { values } = parseArgs({ args: [...words], options, allowNegative: true })
  const config = configFrom({ ...values, allowHosts: values['allow-hosts'], keepDays: values['keep-days'] })
  const log = makeLog(config.log)
  const mailweave = await startMailweave(config, log)
  stopOnSignals(mailweave.stop, log)
  log.info('serve.ready', { url: mailweave.url, bootMs: Math.round(performance.now()) })
  console.log(`Mailweave is ready. Open this link to sign in:\n\n  ${mailweave.signIn}\n`)
  // The servers keep the process alive; it ends by a signal.
  return new Promise<number>(() => {})
}

function configFrom(given: Readonly<Record<string, unknown>>): Config {
  try {
    return readConfig(given, process.env)
  } catch (error) {
    if (error instanceof ZodError) throw fault('API_BAD_REQUEST', { reason: error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('; ') })
    throw error
  }
}

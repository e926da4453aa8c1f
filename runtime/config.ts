/** What a server is started with: options of the command line, else MAILWEAVE_* of the environment, else the default. */
import { z } from 'zod'

export const configSchema = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65535).default(7025),
  data: z.string().min(1).default('./data'),
  flows: z.string().min(1).default('./flows'),
  sandbox: z.union([z.boolean(), z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')]).default(true),
  /** Bearer token; made at first start in <data>/token when left out. */
  token: z.string().min(16, 'MAILWEAVE_TOKEN needs at least 16 characters').optional(),
  /** Bodies and results of finished runs are dropped after this many days; 0 keeps them. The ledger's rows stay, so nothing runs twice. */
  keepDays: z.coerce.number().int().min(0).max(36_500).default(90),
  /** Hosts or address ranges that connections may reach although the product listens beyond loopback, comma separated. */
  allowHosts: z.string().default(''),
  /** Further host names under which a reverse proxy is reached, as `mail.example.org` or `mail.example.org:8443`, comma separated. */
  names: z.string().default(''),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})
export type Config = z.infer<typeof configSchema>

/** Environment names of the options, as `MAILWEAVE_ALLOW_HOSTS` for allowHosts. */
const environmentName = (option: string): string => `MAILWEAVE_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** Options win over the environment. Throws a ZodError whose first issue names the option. */
export function readConfig(options: Readonly<Record<string, unknown>>, environment: Readonly<Record<string, string | undefined>>): Config {
  const keys = Object.keys(configSchema.shape)
  const given = keys.flatMap((key) => {
    const value = options[key] ?? environment[environmentName(key)]
    return value === undefined || value === '' ? [] : [[key, value] as const]
  })
  return configSchema.parse(Object.fromEntries(given))
}

/** The items of a comma separated option. */
export const listed = (text: string): readonly string[] => text.split(',').map((item) => item.trim()).filter((item) => item !== '')

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

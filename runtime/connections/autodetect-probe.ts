/** The last resort: servers under the usual names of a domain that speak TLS. Nothing is said to them beyond the handshake. */
import { usualPorts, type ConnectionKind, type Security } from '#shared/connection.ts'
import type { FoundServer } from '#shared/detected.ts'
import { Fault, fault } from '#shared/errors.ts'
import { autodetect } from '../limits.ts'
import { connectTarget } from '../mail/connect-target.ts'
import { openTcp, openTls } from '../mail/open-line.ts'
import { within } from '../mail/within.ts'
import { inReach, type Reach } from './autodetect-reach.ts'
import { placeAt } from './policy-request.ts'

const names: Record<ConnectionKind, readonly string[]> = { imap: ['imap', 'mail'], pop3: ['pop', 'pop3', 'mail'], smtp: ['smtp', 'mail'] }
/** Submission alone is common with STARTTLS only; there an open port has to do. */
const ways: Record<ConnectionKind, readonly Security[]> = { imap: ['tls'], pop3: ['tls'], smtp: ['tls', 'starttls'] }

export async function probeUsualNames(address: string, domain: string, kinds: readonly ConnectionKind[], reach: Reach): Promise<{ readonly servers: readonly FoundServer[]; readonly say: string }> {
  const tries = kinds.flatMap((kind) => ways[kind].flatMap((security) => names[kind].map((name) => ({ kind, security, host: `${name}.${domain}`, port: usualPorts[kind][security] }))))
  const answers = await Promise.all(tries.map(async (server): Promise<FoundServer | null> => {
    const problem = await knock(server, reach)
    if (problem === null) return null
    const sure = problem === '' && server.security === 'tls'
    const say = problem === '' ? 'under the usual name' : `under the usual name, but: ${problem}`
    return { ...server, user: address, logins: [], by: 'usual-names', sure: sure ? 'likely' : 'guess', say }
  }))
  // Those with a certificate for their name before the others.
  const servers = answers.filter((server) => server !== null).sort((a, b) => Number(b.sure === 'likely') - Number(a.sure === 'likely'))
  return { servers, say: `Nothing answers under the usual names of ${domain}.` }
}

/** '' when a trusted server is there, the fault in words when it is there with a certificate that is not trusted, null when there is none. */
async function knock(server: Pick<FoundServer, 'kind' | 'host' | 'port' | 'security'>, reach: Reach): Promise<string | null> {
  const account = inReach(placeAt(server, server.kind), reach)
  const late = fault('MAIL_TIMEOUT', { host: server.host, seconds: Math.round(autodetect.probeMs / 1000) })
  try {
    await within(reach, autodetect.probeMs, late, async (signal) => {
      const target = await connectTarget(account, reach.policy, reach.lookUp)
      const socket = await openTcp(account, target, signal)
      try {
        if (server.security === 'tls') await openTls(account, target, socket, signal)
      } finally {
        socket.destroy()
      }
    })
    return ''
  } catch (error) {
    return error instanceof Fault && error.code.startsWith('MAIL_CERTIFICATE') ? error.message : null
  }
}

/** Fetches a domain's settings file: https first, bounded in time and bytes, and led elsewhere only by https to a host that may be reached. */
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { FoundServer } from '#shared/detected.ts'
import { fault } from '#shared/errors.ts'
import { autodetect } from '../limits.ts'
import { connectTarget } from '../mail/connect-target.ts'
import { within } from '../mail/smtp/session.ts'
import { readSettingsFile } from './autodetect-file.ts'
import { nobodyAt, type Reach } from './autodetect-reach.ts'

export async function fromSettingsFile(address: string, domain: string, reach: Reach): Promise<{ readonly servers: readonly FoundServer[]; readonly say: string }> {
  const own = `autoconfig.${domain}/mail/config-v1.1.xml`
  const known = `${domain}/.well-known/autoconfig/mail/config-v1.1.xml`
  let say = `${domain} publishes no settings file for mail programs.`
  // Whose mailbox it is goes over no line that others can read.
  for (const urls of [[`https://${own}?emailaddress=${encodeURIComponent(address)}`, `https://${known}`], [`http://${own}`, `http://${known}`]]) {
    for (const got of await Promise.all(urls.map((url) => fetchFile(new URL(url), domain, reach)))) {
      if (got === null) continue
      try {
        const servers = readSettingsFile(got.text, address)
        if (servers.length > 0) return { servers: servers.map((server) => ({ ...server, by: 'autoconfig', ...trustIn(got, domain) })), say: '' }
        say = `The settings file of ${domain} names no encrypted mail server.`
      } catch (error) {
        say = `The settings file of ${domain} can't be used: ${error instanceof Error ? error.message : 'it can\'t be read'}.`
      }
    }
  }
  return { servers: [], say }
}

const trustIn = ({ secure }: File, domain: string): Pick<FoundServer, 'sure' | 'say'> =>
  secure ? { sure: 'likely', say: `by the settings file of ${domain}` } : { sure: 'guess', say: `by the settings file of ${domain}, which came over an unencrypted line` }

/** `secure`: every step of the way was https, so that the file is the domain's own. */
interface File { readonly text: string; readonly secure: boolean }

/** null when there is none, whatever the reason: most domains have neither file nor server. */
async function fetchFile(url: URL, domain: string, reach: Reach): Promise<File | null> {
  const late = fault('MAIL_TIMEOUT', { host: domain, seconds: Math.round(autodetect.webMs / 1000) })
  try {
    return await within(reach, autodetect.webMs, late, (signal) => follow(url, reach, signal))
  } catch {
    return null
  }
}

async function follow(start: URL, reach: Reach, signal: AbortSignal): Promise<File | null> {
  let url = start
  for (let redirects = 0; redirects <= autodetect.redirects; redirects += 1) {
    const answer = await ask(url, reach, signal)
    if (answer.statusCode === 200) return { text: await bodyOf(answer), secure: start.protocol === 'https:' }
    answer.destroy()
    const location = answer.headers.location ?? ''
    const next = location === '' ? null : URL.parse(location, url.href)
    // Only https: what answers there has a certificate for its name, so nothing on this network can be reached by a detour.
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || next === null || next.protocol !== 'https:' || next.port !== '' || next.username !== '') return null
    url = next
  }
  return null
}

/** GET, with the address that the policy judged, never looked up again. */
async function ask(url: URL, reach: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:'
  const account = nobodyAt({ host: url.hostname, port: secure ? 443 : 80, security: secure ? 'tls' : 'none' }, 'imap', reach)
  const target = await connectTarget(account, reach.policy, reach.lookUp)
  const where = { host: target.address, port: account.port, path: `${url.pathname}${url.search}`, signal, agent: false, headers: { host: url.host, accept: 'text/xml, application/xml', 'accept-encoding': 'identity', connection: 'close' } } as const
  return new Promise((resolve, reject) => {
    const request = secure ? requestSecure({ ...target.tls, ...where }, resolve) : requestPlain(where, resolve)
    request.on('error', reject)
    request.end()
  })
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) { // no encoding is set, so chunks are Buffers
    bytes += chunk.length
    if (bytes > autodetect.fileBytes) {
      answer.destroy()
      throw new Error('the settings file is too large')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

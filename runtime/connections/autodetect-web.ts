/** Fetches a domain's settings file: https first, bounded in time and bytes, and led elsewhere only by https to a host that may be reached. */
import type { IncomingMessage } from 'node:http'
import type { FoundServer } from '#shared/detected.ts'
import { fault } from '#shared/errors.ts'
import { autodetect } from '../limits.ts'
import { connectTarget } from '../mail/connect-target.ts'
import { within } from '../mail/within.ts'
import { readSettingsFile } from './autodetect-file.ts'
import { inReach, type Reach } from './autodetect-reach.ts'
import { placeOf, readBounded, requestAt } from './policy-request.ts'

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

const tooLarge = new Error('the settings file is too large')

async function follow(start: URL, reach: Reach, signal: AbortSignal): Promise<File | null> {
  let url = start
  for (let redirects = 0; redirects <= autodetect.redirects; redirects += 1) {
    const answer = await ask(url, reach, signal)
    if (answer.statusCode === 200) return { text: (await readBounded(answer, autodetect.fileBytes, tooLarge)).toString('utf8'), secure: start.protocol === 'https:' }
    answer.destroy()
    const location = answer.headers.location ?? ''
    const next = location === '' ? null : URL.parse(location, url.href)
    // Only https: what answers there has a certificate for its name, so nothing on this network can be reached by a detour.
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || next === null || next.protocol !== 'https:' || next.port !== '' || next.username !== '') return null
    url = next
  }
  return null
}

async function ask(url: URL, reach: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  const place = inReach(placeOf(url), reach)
  const target = await connectTarget(place, reach.policy, reach.lookUp)
  return requestAt(url, place, target, { method: 'GET', signal, headers: { accept: 'text/xml, application/xml', 'accept-encoding': 'identity', connection: 'close' } })
}

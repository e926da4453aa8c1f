/**
 * Looks up, before a flow goes live, what receivers will look up when its mail arrives: who may send for the domain
 * (SPF, RFC 7208), whether the key that signs is published (DKIM, RFC 6376), what is done with mail that fails (DMARC, RFC 7489), and whether replies have somewhere to go (RFC 5321
 * section 5.1, RFC 7505). Advice alone: nothing here keeps a flow from being deployed. Only name servers are asked.
 */
import { type DeliveryCheck, type DeliveryDoubt, type TypedSender, typedSenders } from '#shared/deliverability.ts'
import { type DnsRecord, judgeDkimRecord } from '#shared/dkim.ts'
import { fault } from '#shared/errors.ts'
import type { Flow } from '#shared/flow.ts'
import { mailDomain } from '#shared/providers.ts'
import type { Clock } from '../clock.ts'
import { autodetect } from '../limits.ts'
import { within } from '../mail/within.ts'
import { systemResolver, type Resolver } from './dns.ts'

export interface DeliverabilityDeps {
  readonly clock: Clock
  /** Who logs in there and what should be published of the key that signs; null for a connection whose mail goes nowhere, as the sandbox's, or that is not known. */
  readonly signsAs: (connection: string) => Promise<{ readonly user: string; readonly dkim: SigningDomain | null } | null>
  readonly resolver?: Resolver
}

export interface SigningDomain { readonly domain: string; readonly record: DnsRecord }

/** Addresses looked at; a flow with more senders is rare, and each costs four questions. */
const mostSenders = 8

/** Never rejects; ends within the time that finding settings has. */
export async function checkDelivery(flow: Pick<Flow, 'nodes'>, deps: DeliverabilityDeps): Promise<DeliveryCheck> {
  const late = fault('MAIL_TIMEOUT', { host: 'DNS', seconds: Math.round(autodetect.ms / 1000) })
  /** null when no name server answers in time. */
  const ask = <T>(question: (resolver: Resolver) => Promise<T>): Promise<T | null> =>
    within(deps, autodetect.ms, late, (signal) => question(deps.resolver ?? systemResolver(signal))).catch(() => null)
  const doubts: DeliveryDoubt[] = []
  const unanswered = new Set<string>()
  const asked = new Map<string, Promise<Records | null>>()
  await Promise.all(typedSenders(flow).slice(0, mostSenders).map(async (sender) => {
    const connection = await deps.signsAs(sender.connection)
    const domain = mailDomain(sender.address)
    if (connection === null || domain === '') return
    const { dkim, user } = connection
    const asking = asked.get(domain) ?? ask((resolver) => recordsOf(domain, resolver))
    asked.set(domain, asking)
    const [records, keys] = await Promise.all([asking, dkim && ask((resolver) => resolver.txt(dkim.record.name))])
    if (records === null) unanswered.add(domain)
    else doubts.push(...doubtsOf(sender, domain, mailDomain(user), records), ...keyDoubts(sender, domain, dkim, keys))
  }))
  return { doubts, unanswered: [...unanswered] }
}

interface Records {
  readonly spf: readonly string[]
  readonly dmarc: string | null
  /** '' where the domain says that it takes no mail (RFC 7505). */
  readonly exchangers: readonly string[]
  readonly hosts: readonly string[]
}

async function recordsOf(domain: string, resolver: Resolver): Promise<Records> {
  const [texts, exchangers, hosts, dmarc] = await Promise.all([resolver.txt(domain), resolver.mx(domain), resolver.hosts(domain), policyOf(domain, resolver)])
  return { spf: texts.filter((text) => /^v=spf1(?: |$)/i.test(text)), dmarc, exchangers: exchangers.map(({ exchange }) => exchange.replace(/\.$/, '')), hosts }
}

/** The domain's own policy, else that of the nearest domain above with one (RFC 7489 section 6.6.3, without a list of public suffixes: no top-level domain has one). */
async function policyOf(domain: string, resolver: Resolver): Promise<string | null> {
  const [own] = await dmarcAt(domain, resolver)
  if (own !== undefined) return tagOf(own, 'p')
  const parent = domain.split('.').slice(1).join('.')
  if (!parent.includes('.')) return null
  const [above] = await dmarcAt(parent, resolver)
  return above === undefined ? policyOf(parent, resolver) : tagOf(above, 'sp') || tagOf(above, 'p')
}
const dmarcAt = async (domain: string, resolver: Resolver): Promise<readonly string[]> => (await resolver.txt(`_dmarc.${domain}`)).filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text))
const tagOf = (record: string, tag: string): string => new RegExp(`;\\s*${tag}\\s*=\\s*([a-z]+)`, 'i').exec(record)?.[1]?.toLowerCase() ?? ''

function doubtsOf({ node, address }: TypedSender, domain: string, login: string, { spf, dmarc, exchangers, hosts }: Records): readonly DeliveryDoubt[] {
  const doubt = (about: DeliveryDoubt['about'], say: string, fix: string): readonly DeliveryDoubt[] => [{ node, address, about, say, fix }]
  const owner = `Ask whoever looks after ${domain}`
  if (exchangers.length + hosts.length + spf.length === 0 && dmarc === null) return doubt('domain', `There is no domain ${domain} that has to do with mail.`, 'See whether the address is spelled right.')
  const foreign = login !== '' && !isRelated(login, domain)
  const strict = dmarc === 'reject' || dmarc === 'quarantine'
  return [
    ...(exchangers.includes('') || exchangers.length + hosts.length === 0 ? doubt('replies', `${domain} takes in no mail, so replies and notices of failure are lost.`, 'Use another "From", or a "Reply to" that is read.') : []),
    ...(foreign ? doubt('login', `The mail says it is from ${domain}, and the connection logs in at ${login}.${strict ? ` ${domain} asks receivers to ${dmarc === 'reject' ? 'refuse' : 'put aside'} what it did not send itself.` : ' Many servers refuse that or change the address.'}`, `Use an address of ${login}, or a connection of ${domain}.`) : []),
    ...(spf.length === 0 ? doubt('spf', `${domain} does not say who may send for it (SPF), so its mail is easily taken for spam.`, `${owner} to add the SPF record that the mail provider names.`)
      : spf.length > 1 ? doubt('spf', `${domain} has ${spf.length} SPF records, and receivers then count none.`, `${owner} to make them one.`)
        : /\s\+?all(?:\s|$)/i.test(spf[0] ?? '') ? doubt('spf', `${domain} lets anybody send for it (SPF ends in "+all"), so receivers give nothing for it.`, `${owner} to end the record in "~all" or "-all".`) : []),
    ...(dmarc === null ? doubt('dmarc', `${domain} has no DMARC record; Google and Yahoo want one of whoever sends much.`, `${owner} to add one; "v=DMARC1; p=none" is a beginning.`) : []),
  ]
}

/** `published` null: no name server answered. */
function keyDoubts({ node, address }: TypedSender, domain: string, dkim: SigningDomain | null, published: readonly string[] | null): readonly DeliveryDoubt[] {
  if (dkim === null) return []
  const doubt = (say: string, fix: string): DeliveryDoubt => ({ node, address, about: 'dkim', say, fix })
  const { name, value } = dkim.record
  const fix = `Publish it in DNS as TXT: ${name} is ${value}`
  const says = { same: '', missing: 'The key that signs this mail is not published (DKIM), so the signature counts for nothing.', other: `Another key than the one that signs is published at ${name} (DKIM), so receivers take the signature for a forgery.`, revoked: `The key at ${name} was taken back (DKIM), so the signature counts for nothing.`, testing: `The key at ${name} is marked as a test (DKIM, t=y), so receivers may take the mail for unsigned.` }
  const say = published === null ? '' : says[judgeDkimRecord(dkim.record, published)]
  return [
    ...(isRelated(dkim.domain, domain) ? [] : [doubt(`The mail says it is from ${domain} and is signed by ${dkim.domain} (DKIM), which vouches for nobody there.`, `Sign as ${domain}, or send from an address of ${dkim.domain}.`)]),
    ...(say === '' ? [] : [doubt(say, fix)]),
  ]
}

/** The same organisation, as relaxed alignment sees it (RFC 7489 section 3.1), without a list of public suffixes. */
const isRelated = (one: string, other: string): boolean => one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)

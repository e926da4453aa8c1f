/** What receivers will hold against the addresses a flow sends from, by the records of their domains. */
import { expect, test } from 'vitest'
import { systemClock } from '#runtime/clock.ts'
import { checkDelivery, type SigningDomain } from '#runtime/connections/deliverability.ts'
import type { Resolver } from '#runtime/connections/dns.ts'
import { publishedKey } from '#shared/dkim.ts'
import { flowSchema } from '#shared/flow.ts'

interface Zone { readonly txt?: Readonly<Record<string, readonly string[]>>; readonly mx?: Readonly<Record<string, readonly string[]>>; readonly hosts?: readonly string[]; readonly fails?: boolean }
const good: Zone = { mx: { 'acme.example': ['mx.acme.example'] }, txt: { 'acme.example': ['other=1', 'v=spf1 include:mail.hoster.example ~all'], '_dmarc.acme.example': ['v=DMARC1; p=none'] } }
const questions: string[] = []
const resolverOf = ({ txt = {}, mx = {}, hosts = [], fails = false }: Zone): Resolver => {
  const answer = async <T,>(name: string, found: readonly T[]): Promise<readonly T[]> => {
    questions.push(name)
    if (fails) throw new Error('no answer')
    return found
  }
  return { srv: () => answer('srv', []), txt: (name) => answer(name, txt[name] ?? []), mx: (name) => answer(name, (mx[name] ?? []).map((exchange) => ({ exchange, priority: 10 }))), hosts: (name) => answer(name, hosts.includes(name) ? ['192.0.2.1'] : []) }
}
const flowFrom = (...froms: readonly string[]) => flowSchema.parse({ format: 1, id: 'f', name: 'F', edges: [], nodes: froms.map((from, at) => ({ id: `send${at}`, kind: 'send-email', config: { connection: 'out', from } })) })
const check = (zone: Zone, { from = 'desk@acme.example', user = 'desk@acme.example', dkim = null }: { readonly from?: string; readonly user?: string | null; readonly dkim?: SigningDomain | null } = {}) =>
  checkDelivery(flowFrom(from), { clock: systemClock, signsAs: async () => (user === null ? null : { user, dkim }), resolver: resolverOf(zone) })
const told = async (zone: Zone, more = {}) => (await check(zone, more)).doubts.map(({ about, say }) => `${about}: ${say}`)
const withTexts = (txt: Zone['txt']): Zone => ({ ...good, txt: { ...good.txt, ...txt } })

test('[AP86] a domain with all its records gives no doubt, a login of its own or of a domain below it neither', async () => {
  for (const user of ['desk@acme.example', 'desk@mail.acme.example', 'desk']) expect(await check(good, { user })).toEqual({ doubts: [], unanswered: [] })
})

test.each<[string, Zone, string]>([
  ['no SPF record', withTexts({ 'acme.example': ['something else'] }), 'spf: acme.example does not say who may send for it (SPF), so its mail is easily taken for spam.'],
  ['two of them', withTexts({ 'acme.example': ['v=spf1 -all', 'v=spf1 ~all'] }), 'spf: acme.example has 2 SPF records, and receivers then count none.'],
  ['one for everybody', withTexts({ 'acme.example': ['v=spf1 mx +all'] }), 'spf: acme.example lets anybody send for it (SPF ends in "+all"), so receivers give nothing for it.'],
  ['no DMARC record', withTexts({ '_dmarc.acme.example': ['v=DMARC2; p=none'] }), 'dmarc: acme.example has no DMARC record; Google and Yahoo want one of whoever sends much.'],
  ['a domain that takes no mail', { ...good, mx: { 'acme.example': ['.'] } }, 'replies: acme.example takes in no mail, so replies and notices of failure are lost.'],
  ['nobody who takes its mail', { ...good, mx: {} }, 'replies: acme.example takes in no mail, so replies and notices of failure are lost.'],
  ['no such domain', {}, 'domain: There is no domain acme.example that has to do with mail.'],
])('[AP86] %s is one doubt', async (_, zone, say) => {
  expect(await told(zone)).toEqual([say])
})

test('[AP86] a login of another domain is a doubt, a graver one where the domain asks receivers to refuse; the policy may stand at a domain above', async () => {
  const user = 'bob@other.example'
  expect(await told(good, { user })).toEqual(['login: The mail says it is from acme.example, and the connection logs in at other.example. Many servers refuse that or change the address.'])
  const strict: Zone = { mx: { 'mail.acme.example': ['mx'] }, txt: { 'mail.acme.example': ['v=spf1 mx -all'], '_dmarc.acme.example': ['v=DMARC1; p=none; sp=reject'] } }
  expect(await told(strict, { from: 'desk@mail.acme.example', user })).toEqual(['login: The mail says it is from mail.acme.example, and the connection logs in at other.example. mail.acme.example asks receivers to refuse what it did not send itself.'])
})

const signed = (domain: string): SigningDomain => ({ domain, record: { name: `mail._domainkey.${domain}`, value: publishedKey('ed25519', 'AAAA') } })
test.each<[string, readonly string[], readonly string[]]>([
  ['as it should be', [publishedKey('ed25519', 'AAAA')], []],
  ['not at all', [], ['dkim: The key that signs this mail is not published (DKIM), so the signature counts for nothing.']],
  ['as another one', [publishedKey('rsa', 'BBBB')], ['dkim: Another key than the one that signs is published at mail._domainkey.acme.example (DKIM), so receivers take the signature for a forgery.']],
  ['empty', ['v=DKIM1; p='], ['dkim: The key at mail._domainkey.acme.example was taken back (DKIM), so the signature counts for nothing.']],
  ['as a test', [`${publishedKey('ed25519', 'AAAA')}; t=y`], ['dkim: The key at mail._domainkey.acme.example is marked as a test (DKIM, t=y), so receivers may take the mail for unsigned.']],
])('[AP86] the key that signs is published %s', async (_, published, doubts) => {
  expect(await told(withTexts({ 'mail._domainkey.acme.example': published }), { dkim: signed('acme.example') })).toEqual(doubts)
})

test('[AP86] a signature of another domain vouches for nobody', async () => {
  const zone = withTexts({ 'mail._domainkey.other.example': [publishedKey('ed25519', 'AAAA')] })
  expect(await told(zone, { dkim: signed('other.example') })).toEqual(['dkim: The mail says it is from acme.example and is signed by other.example (DKIM), which vouches for nobody there.'])
})

test('[AP86] name servers that do not answer are told as such; nothing is asked for the sandbox, for typed holes, or twice for one domain', async () => {
  expect(await check({ fails: true })).toEqual({ doubts: [], unanswered: ['acme.example'] })
  questions.length = 0
  expect(await check(good, { user: null })).toEqual({ doubts: [], unanswered: [] })
  expect(await check(good, { from: '{{receive.to.0.address}}' })).toEqual({ doubts: [], unanswered: [] })
  expect(questions).toEqual([])
  await checkDelivery(flowFrom('a@acme.example', 'B <b@acme.example>'), { clock: systemClock, signsAs: async () => ({ user: 'desk', dkim: null }), resolver: resolverOf(good) })
  expect(questions.filter((name) => name === '_dmarc.acme.example')).toHaveLength(1)
})

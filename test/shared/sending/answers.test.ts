/** Answers: their subject, their thread, whom they go to. */
import { array, assert, constantFrom, property, record, string, stringMatching, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mail } from '#shared/mail.ts'
import { answerRecipients, type AnswerRules } from '#shared/sending/answer-recipients.ts'
import { thread as bounds } from '#shared/sending/limits.ts'
import { listAddresses } from '#shared/sending/mailing-list.ts'
import { answerSubject, bareSubject } from '#shared/sending/subject.ts'
import { shortenReferences, threadOf } from '#shared/sending/threading.ts'
import { readLines } from '../../mail/mime-letters.ts'

describe('subjects', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Invoice 7', 'Invoice 7'], ['Re: Invoice 7', 'Invoice 7'], ['RE: FW: Invoice', 'Invoice'], ['AW: SV: Antwort: WG: Fw: Re[2]: Angebot', 'Angebot'], ['Re^3: x', 'x'], ['re(4):x', 'x'],
    ['RE : Réunion', 'Réunion'], ['TR: Facture', 'Facture'], ['Rif: Offerta', 'Offerta'], ['R: I: Offerta', 'Offerta'], ['RV: Presupuesto', 'Presupuesto'], ['RES: ENC: Proposta', 'Proposta'], ['Odp: PD: Faktura', 'Faktura'],
    ['VS: Lasku', 'Lasku'], ['Antw: Doorst: Factuur', 'Factuur'], ['Vá: Továbbítás: Számla', 'Számla'], ['YNT: İLT: Fatura', 'Fatura'], ['Отв: Пересл: Счёт', 'Счёт'], ['ΑΠ: ΠΡΘ: Τιμολόγιο', 'Τιμολόγιο'],
    ['回复：转发：发票', '发票'], ['答覆: 轉寄: 發票', '發票'], ['返信: 見積書', '見積書'], ['회신: 전달: 견적', '견적'],
    ['[List] Re: Topic', '[List] Topic'], ['Re: [List] Re: Topic', '[List] Topic'], ['Re: [List] [Bug 12] Re: [List] Crash', '[List] [Bug 12] Crash'], ['[a][b] x', '[a][b] x'], ['[a]Re: x', '[a] x'],
    ['', ''], ['Re:', ''], ['Fwd: Re: ', ''], ['  AW:   x  y ', 'x  y'],
    // What only looks alike stays.
    ['Research: results', 'Research: results'], ['Rent: May', 'Rent: May'], ['Ref: 12/55', 'Ref: 12/55'], ['x Re: y', 'x Re: y'], ['R:base', 'R:base'], ['Re x', 'Re x'], ['Forward: march', 'Forward: march'], ['Wg 3: notes', 'Wg 3: notes'],
  ]
  test.each(cases)('[SX61] "%s" is called "%s" without its marks', (subject, bare) => {
    expect(bareSubject(subject)).toBe(bare)
    expect(answerSubject(subject, 'Re:')).toBe(`Re: ${bare}`.trim())
    expect(answerSubject(subject, 'Fwd:')).toBe(`Fwd: ${bare}`.trim())
  })

  test('[SX61] whatever the subject, an answer to an answer keeps it, and one mark stands in front', () => {
    const piece = constantFrom('Re: ', 'AW:', 'Fwd: ', 'WG : ', 're[2]: ', '[List] ', '[x]', ' ', 'R: ', '回复：', '[', ']', ':', 'Re')
    assert(property(array(piece), string({ unit: 'grapheme' }), (pieces, rest) => {
      const subject = pieces.join('') + rest
      const once = answerSubject(subject, 'Re:')
      expect(answerSubject(once, 'Re:')).toBe(once)
      expect(bareSubject(answerSubject(once, 'Fwd:'))).toBe(bareSubject(once))
      expect(bareSubject(once)).not.toMatch(/^(?:re|aw|fwd)\s*:/i)
      expect(once.startsWith('Re:')).toBe(true)
    }), { numRuns: 1000, seed: 61 })
  })

  test('[SX61] a subject of a million marks is read in one go', () => {
    expect(bareSubject(`${'Re: '.repeat(300_000)}${'[a] '.repeat(100_000)}x`)).toBe('[a] x')
    expect(answerSubject('x'.repeat(1_000_000), 'Re:').length).toBe(2000)
  })
})

describe('threads', () => {
  const of = async (...lines: readonly string[]) => threadOf(await readLines(...lines, '', 'x'))

  test('[SX62] an answer names its parent and the whole way back', async () => {
    expect(await of('Message-ID: <c@x>', 'References: <a@x> <b@x>', 'In-Reply-To: <b@x>')).toEqual({ inReplyTo: 'c@x', references: ['a@x', 'b@x', 'c@x'] })
    expect(await of('Message-ID: <b@x>', 'In-Reply-To: <a@x>')).toEqual({ inReplyTo: 'b@x', references: ['a@x', 'b@x'] })
    // RFC 5322 section 3.6.4: of several parents none can be told.
    expect(await of('Message-ID: <c@x>', 'In-Reply-To: <a@x> <b@x>')).toEqual({ inReplyTo: 'c@x', references: ['c@x'] })
    expect(await of('Message-ID: <a@x>')).toEqual({ inReplyTo: 'a@x', references: ['a@x'] })
    // Without a name nothing can be answered by name; the way back stays.
    expect(await of('References: <a@x> <b@x>')).toEqual({ inReplyTo: '', references: ['a@x', 'b@x'] })
    expect(await of('Subject: x')).toEqual({ inReplyTo: '', references: [] })
    // A mail that lists itself, and one that lists twice.
    expect(await of('Message-ID: <b@x>', 'References: <a@x> <b@x> <a@x>')).toEqual({ inReplyTo: 'b@x', references: ['a@x', 'b@x'] })
  })

  test('[SX62] a long way back keeps its first and its last ids, within a header\'s bounds', () => {
    const ids = Array.from({ length: 500 }, (_, at) => `${at}.${'x'.repeat(40)}@example.org`)
    const kept = shortenReferences(ids)
    expect(kept).toHaveLength(bounds.ids)
    expect([kept[0], kept.at(-1), kept[1]]).toEqual([ids[0], ids[499], ids[451]])
    const long = Array.from({ length: 60 }, (_, at) => `${at}.${'y'.repeat(480)}@x`)
    expect(shortenReferences(long).join('> <').length).toBeLessThanOrEqual(bounds.letters)
    expect(shortenReferences(long)).toEqual([long[0], ...long.slice(-(shortenReferences(long).length - 1))])
  })

  test('[SX62] any ids: each once, in their order, the first and the last among them, none that breaks a header', () => {
    const id = stringMatching(/^[a-z0-9.]{1,30}@[a-z]{1,10}$/)
    assert(property(array(id, { maxLength: 120 }), array(constantFrom('', 'a b@x', '<c@x>', 'é@x', 'x\r\nBcc: e@evil', 'z'.repeat(600)), { maxLength: 5 }), (ids, bad) => {
      const kept = shortenReferences([...ids, ...bad])
      const whole = [...new Set(ids)]
      expect(kept).toEqual(whole.filter((one) => kept.includes(one)))
      expect(new Set(kept).size).toBe(kept.length)
      if (whole.length > 0) expect([kept[0], kept.at(-1)]).toEqual([whole[0], whole.at(-1)])
      expect(shortenReferences(kept)).toEqual(kept)
    }), { numRuns: 500, seed: 62 })
  })
})

describe('recipients', () => {
  const ask = (mail: Mail, rules: Partial<AnswerRules> = {}): string => {
    const answered = answerRecipients(mail, { mode: 'reply', lists: 'author', to: [], own: [], ...rules })
    if ('reason' in answered) return answered.reason
    const say = (people: Mail['to']) => people.map(({ address }) => address).join(' ')
    return answered.cc.length === 0 ? say(answered.to) : `${say(answered.to)} | ${say(answered.cc)}`
  }
  const mail = (...lines: readonly string[]) => readLines(...lines, '', 'x')
  const all = { mode: 'reply-all' } as const

  test('[SX63] a reply goes to Reply-To, else to From', async () => {
    expect(ask(await mail('From: Anna <anna@x.org>', 'To: desk@y.org'))).toBe('anna@x.org')
    expect(ask(await mail('From: form@x.org', 'Reply-To: Anna <anna@z.org>, Bea <bea@z.org>', 'Sender: bot@x.org'))).toBe('anna@z.org bea@z.org')
    expect(ask(await mail('From: anna@x.org', 'Reply-To: <>'))).toBe('anna@x.org')
    expect(ask(await mail('From: noreply@x.org', 'Reply-To: anna@x.org'))).toBe('anna@x.org')
    expect(ask(await mail('From: anna@x.org', 'Reply-To: anna@x.org, ANNA@X.org'))).toBe('anna@x.org')
  })

  test('[SX63] mail of a mailing list is answered to its author, or to the list where that is chosen', async () => {
    const list = ['List-Id: Dev talk <dev.lists.example.org>', 'List-Post: <mailto:dev@lists.example.org>', 'To: dev@lists.example.org']
    const plain = await mail('From: anna@x.org', ...list)
    const munged = await mail('From: anna@x.org', 'Reply-To: dev@lists.example.org', ...list)
    const asked = await mail('From: anna@x.org', 'Reply-To: Anna at home <anna@home.org>, Dev@lists.example.org', ...list)
    const dmarc = await mail('From: Anna via Dev <dev@lists.example.org>', 'Reply-To: anna@x.org, dev@lists.example.org', ...list)
    const hidden = await mail('From: Dev <dev@lists.example.org>', ...list)
    expect([plain, munged, asked, dmarc].map((one) => ask(one))).toEqual(['anna@x.org', 'anna@x.org', 'anna@home.org', 'anna@x.org'])
    expect([plain, munged, asked, dmarc, hidden].map((one) => ask(one, { lists: 'list' }))).toEqual(Array.from({ length: 5 }, () => 'dev@lists.example.org'))
    expect(ask(hidden)).toContain('no address of its writer')
    expect(ask(plain, all)).toBe('anna@x.org | dev@lists.example.org')
    // Without List-Post the list's name tells its address; what is no list has none.
    expect(listAddresses(await mail('From: a@x.org', 'List-Id: <dev.lists.example.org>'))).toEqual(['dev@lists.example.org'])
    expect(listAddresses(await mail('From: a@x.org', 'Mailing-List: list dev@x.org; contact dev-owner@x.org'))).toEqual(['dev@x.org'])
    expect(listAddresses(await mail('From: a@x.org', 'List-Post: NO', 'List-Unsubscribe: <mailto:u@x.org>'))).toEqual([])
    expect(listAddresses(await mail('From: a@x.org', 'List-Id: <x>', 'List-Post: <https://x.org/post>, <mailto:dev%40x.org?subject=hi>, <mailto:%zz>'))).toEqual(['dev@x.org'])
  })

  test('[SX64] a reply to all leaves out ourselves and doubles, and follows Mail-Followup-To', async () => {
    const one = await mail('From: anna@x.org', 'To: Desk <DESK@y.org>, bea@x.org, Bea <BEA@x.org>', 'Cc: carl@x.org, anna@x.org, info@y.org, broken@@x', 'Bcc: hidden@x.org')
    expect(ask(one, { ...all, own: ['desk@y.org', 'INFO@y.org'] })).toBe('anna@x.org | bea@x.org carl@x.org')
    expect(ask(one, { ...all, own: ['desk@y.org'], to: [{ name: '', address: 'boss@y.org', domain: 'y.org' }] })).toBe('boss@y.org | bea@x.org carl@x.org anna@x.org info@y.org')
    expect(ask(await mail('From: anna@x.org', 'To: dev@l.org', 'Mail-Followup-To: dev@l.org, Bea <bea@x.org>'), { ...all, own: ['bea@x.org'] })).toBe('dev@l.org')
    expect(ask(await mail('From: anna@x.org', 'Mail-Followup-To: dev@l.org'))).toBe('anna@x.org')
    // What we wrote ourselves goes on to whom it went, and back to us only when there was nobody else.
    expect(ask(await mail('From: desk@y.org', 'To: anna@x.org', 'Cc: bea@x.org'), { ...all, own: ['desk@y.org'] })).toBe('anna@x.org bea@x.org')
    expect(ask(await mail('From: desk@y.org', 'To: desk@y.org'), { ...all, own: ['desk@y.org'] })).toBe('desk@y.org')
  })

  test('[SX65] where it is not plain who would get the answer, there is none, and a reason', async () => {
    expect(ask(await mail('From: anna@x.org', 'From: eve@evil.org'))).toContain('more than one sender')
    expect(ask(await mail('From: anna@x.org, bea@x.org'))).toContain('more than one sender')
    expect(ask(await mail('To: desk@y.org'))).toBe('it names no sender')
    expect(ask(await mail('Return-Path: <>', 'From: anna@x.org'))).toContain('return path is empty')
    expect(ask(await mail('From: anna@@x'))).toContain('can\'t be read')
    const many = Array.from({ length: 101 }, (_, at) => `p${at}@x.org`).join(', ')
    expect(ask(await mail('From: anna@x.org', `To: ${many}`), all)).toContain('102 people')
    expect(ask(await mail('From: anna@x.org', `Mail-Followup-To: ${many}`), all)).toContain('101 people')
    expect(ask(await mail('From: anna@x.org', `To: ${many}`))).toBe('anna@x.org')
  })

  test('[SX65] an address that takes no answer gets none', async () => {
    for (const address of ['noreply@x.org', 'no-reply@x.org', 'No_Reply+7@x.org', 'do-not-reply@x.org', 'donotreply@x.org', 'orders-noreply@x.org', 'noreply.orders@x.org', 'nicht-antworten@x.org', 'ne-pas-repondre@x.org', 'noresponder@x.org', 'MAILER-DAEMON@x.org', 'bounces+7@x.org']) {
      expect([address, ask(await mail(`From: ${address}`))]).toEqual([address, `${address} takes no answers`])
    }
    for (const address of ['noreen@x.org', 'reply@x.org', 'norep@x.org', 'bouncer@x.org', 'postmaster@x.org']) expect(ask(await mail(`From: ${address}`))).toBe(address)
  })

  test('[SX64] whatever a mail names, an answer goes to nobody else, to none of our own beside others, and to nobody twice', () => {
    const person = tuple(constantFrom('anna', 'BEA', 'carl', 'desk', 'list'), constantFrom('x.org', 'y.org')).map(([name, domain]) => ({ name: '', address: `${name}@${domain}`, domain }))
    const people = array(person, { maxLength: 4 })
    assert(property(record({ fromAll: array(person, { minLength: 1, maxLength: 1 }), replyTo: people, to: people, cc: people }), constantFrom('reply', 'reply-all'), constantFrom('author', 'list'), (named, mode, lists) => {
      const one = { ...named, from: named.fromAll[0], isList: false, headers: [], ambiguousSender: false } as unknown as Mail
      const answered = answerRecipients(one, { mode, lists, to: [], own: ['desk@x.org'] })
      if ('reason' in answered) return
      const everybody = [...answered.to, ...answered.cc].map(({ address }) => address.toLowerCase())
      const known = new Set([...named.fromAll, ...named.replyTo, ...named.to, ...named.cc].map(({ address }) => address.toLowerCase()))
      expect(everybody.length).toBeGreaterThan(0)
      expect(everybody.filter((address) => !known.has(address))).toEqual([])
      expect(new Set(everybody).size).toBe(everybody.length)
      if (mode === 'reply-all' && everybody.length > 1) expect(everybody).not.toContain('desk@x.org')
    }), { numRuns: 1000, seed: 64 })
  })
})

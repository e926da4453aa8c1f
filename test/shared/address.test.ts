/** Addresses as people type them: what is read, what is refused, and that nothing adds a recipient. */
import { domainToASCII } from 'node:url'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatAddress, isAddress, parseAddress, parseAddresses } from '#shared/address.ts'

const read = (text: string): readonly string[] => parseAddresses(text).addresses.map(({ name, address }) => (name ? `${name}|${address}` : address))

test('[MP20] lists between commas or semicolons are read, with and without names', () => {
  expect(read('a@b.de')).toEqual(['a@b.de'])
  expect(read('a@b.de, c@d.org;e@f.net,')).toEqual(['a@b.de', 'c@d.org', 'e@f.net'])
  expect(read('Jane Doe <jane@example.org>; "Doe, Joe; Jr." <joe@EXAMPLE.org>')).toEqual(['Jane Doe|jane@example.org', 'Doe, Joe; Jr.|joe@example.org'])
  expect(read('<a@b.de>,"" <c@d.org>,  Jürgen Müßig   <j@m.de>')).toEqual(['a@b.de', 'c@d.org', 'Jürgen Müßig|j@m.de'])
  expect(read('O\'Brien & Sons (no) <a@b.de>, J. Q. Public! <j@q.us>')).toEqual(['J. Q. Public!|j@q.us'])
  expect(parseAddresses(' , ;; ')).toEqual({ addresses: [], bad: [] })
  expect(parseAddress('root@localhost')).toEqual({ name: '', address: 'root@localhost', domain: 'localhost' })
})

test('[MP21] domains in any script become A-labels, local parts stay as they are', () => {
  expect(read('post@Bücher.example, 用户@例え.テスト, x@faß.de, x@ＥＸＡＭＰＬＥ．org, a@müller。de'))
    .toEqual(['post@xn--bcher-kva.example', '用户@xn--r8jz45g.xn--zckzah', 'x@xn--fa-hia.de', 'x@example.org', 'a@xn--mller-kva.de'])
})

test('[MP21] A-labels are those of Unicode\'s own reference', () => {
  const label = fc.stringMatching(/^[a-zäöüßéñçøåłžčα-ωа-я日本語中文한국]{1,12}$/u)
  fc.assert(fc.property(label, label, (first, second) => {
    const domain = `${first}.${second}.example`
    expect(parseAddress(`x@${domain}`)?.domain).toBe(domainToASCII(domain.normalize('NFC')))
  }), { numRuns: 300 })
})

const refused = [
  'b@x\r\nBcc: e@evil', 'b@x.org\n', '\r\nb@x.org', 'a@b\0.de', 'a@b.de\u2028', 'Jane\r\nBcc: e@evil.org <a@b.de>', '"Jane\n" <a@b.de>', 'a\u0085@b.de', '\ud800@b.de',
  'Friends: a@b.de', 'a@b(comment).de', '(a) <a@b.de>', '<@route:a@b.de>', '<@a,@b:c@d>', 'a@b@c.de', '"a@evil.org"@b.de', '"a\\"@evil.org> "@b.de', '"a b"c@d.de',
  'a b@c.de', '@b.de', 'a@', 'a', '<>', '<a@b.de', 'a@b.de>', 'Jane <a@b.de> <c@d.de>', 'jane@x.org <evil@y.org>', 'a@[127.0.0.1]', 'a@1.2.3.4', 'a@-b.de', 'a@b-.de', 'a@b..de', 'a@.de', 'a@b.de.',
  '.a@b.de', 'a.@b.de', 'a..b@c.de', 'a＠evil@b.de', 'a@⒈com', 'a@℀.com', 'a@b_c.de', 'a@xn--b\u200dc.de', `${'a'.repeat(65)}@b.de`, `a@${'b'.repeat(64)}.de`, `a@${'b.'.repeat(130)}de`, 'a@b,c',
]
test.each(refused)('[MP22] %j is bad and makes no address of what a stranger put into it', (text) => {
  const { addresses, bad } = parseAddresses(text)
  expect(bad.length).toBeGreaterThan(0)
  expect(addresses.filter(({ address }) => /evil|[\r\n]/.test(address))).toEqual([])
  expect(isAddress(text)).toBe(false)
})

test('[MP23] what is written for an address is read back as that address', () => {
  const local = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~äß日-]{1,20}(\.[a-z0-9äß日]{1,5})?$/u)
  const name = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(fc.property(local, name, (user, shown) => {
    const text = formatAddress({ name: shown, address: `${user}@example.org` })
    const { addresses, bad } = parseAddresses(`${text}, second@example.org`)
    expect(bad).toEqual([])
    expect(addresses.map(({ address }) => address)).toEqual([`${user}@example.org`, 'second@example.org'])
    const kept = addresses[0]?.name ?? ''
    expect(parseAddress(formatAddress({ name: kept, address: `${user}@example.org` }))?.name).toBe(kept)
  }), { numRuns: 300 })
})

test('[MP24] never more addresses than a reader counts @ signs, whatever the text; never a control character in one', () => {
  const piece = fc.constantFrom('a', 'b.de', '@', ',', ';', '<', '>', '"', '\\', ' ', ':', '(', ')', '\r\n', '\0', 'Bcc: ', 'ü', '＠', '。', '=?utf-8?Q?=2C?=', '[', ']')
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')), (text) => {
    const { addresses, bad } = parseAddresses(text)
    expect(addresses.length).toBeLessThanOrEqual(text.split('@').length - 1)
    for (const { name, address, domain } of addresses) {
      expect(/[\p{Cc}\u2028\u2029]/u.test(name + address)).toBe(false)
      expect(address.endsWith(`@${domain}`) && /^[a-z0-9.-]+$/.test(domain)).toBe(true)
    }
    expect(bad.every((entry) => text.includes(entry))).toBe(true)
  }), { numRuns: 1000 })
})

test('[MP24] a megabyte of openings is read in one pass', () => {
  for (const opening of ['<', '"', '"\\', 'a@b,', '<a@b>', '(', '@']) {
    const { addresses, bad } = parseAddresses(opening.repeat(200_000))
    expect(addresses.length + bad.length).toBeLessThanOrEqual(200_001)
  }
})

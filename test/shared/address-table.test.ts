/** The grammar of addresses as a table: what RFC 5321, 5322, 6531 and 5891 allow and is taken, and what is refused, each for its reason. */
import { expect, test } from 'vitest'
import { isAddress, parseAddress, parseAddresses } from '#shared/address.ts'

const times = (count: number, letter = 'a'): string => letter.repeat(count)
const longDomain = (last: number): string => [times(63), times(63), times(63), times(last)].join('.')

/** As written, and as it goes to the server. */
const taken: readonly (readonly [string, string])[] = [
  // dot-atoms
  ['a@b.c', 'a@b.c'], ['A.B@Example.ORG', 'A.B@example.org'], ['a.b.c@x.org', 'a.b.c@x.org'], ['a+tag@x.org', 'a+tag@x.org'], ['o\'brien@x.org', 'o\'brien@x.org'], ['a_b-c@x.org', 'a_b-c@x.org'], ['1@x.org', '1@x.org'], ['-@x.org', '-@x.org'], ['a/b=c@x.org', 'a/b=c@x.org'],
  ['!#$%&\'*+/=^_`{|}~?-@x.org', '!#$%&\'*+/=^_`{|}~?-@x.org'], ['bounce+a=b.org@x.org', 'bounce+a=b.org@x.org'], ['SRS0=abcd=2P=y.org=a@x.org', 'SRS0=abcd=2P=y.org=a@x.org'],
  // quoted local parts, the quotes taken off where they are needless
  ['"a b"@x.org', '"a b"@x.org'], ['"a..b"@x.org', '"a..b"@x.org'], ['".a"@x.org', '".a"@x.org'], ['"a.b"@x.org', 'a.b@x.org'], ['"a"@x.org', 'a@x.org'],
  // domains
  ['a@b', 'a@b'], ['a@localhost', 'a@localhost'], ['a@x-y.org', 'a@x-y.org'], ['a@x--y.org', 'a@x--y.org'], ['a@1.org', 'a@1.org'], ['a@3com.org', 'a@3com.org'], ['a@x.org1', 'a@x.org1'], ['a@a.b.c.d.e.f', 'a@a.b.c.d.e.f'], ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'], ['a@XN--BCHER-KVA.example', 'a@xn--bcher-kva.example'],
  // domains of other scripts
  ['a@bücher.example', 'a@xn--bcher-kva.example'], ['a@BÜCHER.example', 'a@xn--bcher-kva.example'], ['a@bu\u0308cher.example', 'a@xn--bcher-kva.example'], ['a@例え.jp', 'a@xn--r8jz45g.jp'], ['a@x.مصر', 'a@x.xn--wgbh1c'], ['a@א.org', 'a@xn--4db.org'], ['a@faß.de', 'a@xn--fa-hia.de'], ['a@пример.рф', 'a@xn--e1afmkfd.xn--p1ai'], ['a@ελλάδα.gr', 'a@xn--hxakic4aa.gr'],
  ['a@x。org', 'a@x.org'], ['a@x．org', 'a@x.org'], ['a@x｡org', 'a@x.org'], ['a@ｘ.org', 'a@x.org'], ['a@\u212a.org', 'a@k.org'],
  // local parts of other scripts
  ['jörg@x.org', 'jörg@x.org'], ['用户@例え.jp', '用户@xn--r8jz45g.jp'], ['用户.名@x.org', '用户.名@x.org'], ['👍@x.org', '👍@x.org'], ['пётр@x.org', 'пётр@x.org'],
  // lengths (RFC 5321 section 4.5.3.1), in octets
  [`${times(64)}@x.org`, `${times(64)}@x.org`], [`${times(32, 'ü')}@x.org`, `${times(32, 'ü')}@x.org`], [`a@${times(63)}.org`, `a@${times(63)}.org`], [`a@${longDomain(60)}`, `a@${longDomain(60)}`], [`${times(64)}@${[times(63), times(63), times(61)].join('.')}`, `${times(64)}@${[times(63), times(63), times(61)].join('.')}`],
  // blanks at the edges and within angle brackets
  [' a@x.org ', 'a@x.org'], ['<a@x.org>', 'a@x.org'], ['< a@x.org >', 'a@x.org'], ['\u00a0a@x.org\u3000', 'a@x.org'],
]
/** With the name that is shown. */
const named: readonly (readonly [string, string, string])[] = [
  ['Name <a@x.org>', 'Name', 'a@x.org'], ['Name<a@x.org>', 'Name', 'a@x.org'], ['First Last <a@x.org>', 'First Last', 'a@x.org'], ['"Last, First" <a@x.org>', 'Last, First', 'a@x.org'], ['"Desk; Support" <a@x.org>', 'Desk; Support', 'a@x.org'], ['"a@b" <a@x.org>', 'a@b', 'a@x.org'], ['"Say \\"hi\\"" <a@x.org>', 'Say "hi"', 'a@x.org'], ['"back\\\\slash" <a@x.org>', 'back\\slash', 'a@x.org'],
  ['"<e@evil.test>" <a@x.org>', '<e@evil.test>', 'a@x.org'], ['Dr. N. Ame <a@x.org>', 'Dr. N. Ame', 'a@x.org'], ['\'Quoted\' <a@x.org>', '\'Quoted\'', 'a@x.org'], ['Jürgen Groß <a@x.org>', 'Jürgen Groß', 'a@x.org'], ['日本 太郎 <a@x.org>', '日本 太郎', 'a@x.org'], ['👍 <a@x.org>', '👍', 'a@x.org'], ['"" <a@x.org>', '', 'a@x.org'], ['=?utf-8?q?a?= <a@x.org>', '=?utf-8?q?a?=', 'a@x.org'], ['"A B" <"a b"@x.org>', 'A B', '"a b"@x.org'],
]
const lists: readonly (readonly [string, readonly string[]])[] = [
  ['a@x.org, b@x.org', ['a@x.org', 'b@x.org']], ['a@x.org;b@x.org', ['a@x.org', 'b@x.org']], ['a@x.org , Name <b@x.org>; "Last, First" <c@x.org>', ['a@x.org', 'b@x.org', 'c@x.org']], ['a@x.org,,b@x.org;', ['a@x.org', 'b@x.org']], [',a@x.org,', ['a@x.org']], ['', []], [' , ; ', []], ['a@x.org, a@x.org', ['a@x.org', 'a@x.org']], ['"a,b;c" <a@x.org>', ['a@x.org']], ['"a b"@x.org, b@x.org', ['"a b"@x.org', 'b@x.org']],
]
const refused: Readonly<Record<string, readonly string[]>> = {
  'not an address': ['a', '@', 'a@', '@x.org', 'a@b@x.org', 'a@@x.org', 'a at x.org', 'a.x.org', '<>', 'a <>', '< >', 'Name <>', 'mailto:a@x.org', 'a@x.org?subject=x', 'a@x.org:25', 'https://x.org/a@b', 'a@x%2eorg', 'a@x/y', 'a@x.org/'],
  'a local part of no atoms': ['.a@x.org', 'a.@x.org', 'a..b@x.org', 'a b@x.org', 'a @x.org', 'a@ x.org', 'a,b@x.org'.replace(',', ':'), 'a(b@x.org', 'a)b@x.org', 'a[b@x.org', 'a\\b@x.org', '\\a@x.org', 'a"b"@x.org', '"a"b@x.org', '"a".b@x.org', 'a<b@x.org', 'a>b@x.org'],
  'a quoted local part that may hide something': ['""@x.org', '"a@b"@x.org', '"a\\"b"@x.org', '"a\\\\b"@x.org', '"a(b"@x.org', '"a<b"@x.org', '"a,b"@x.org', '"a\tb"@x.org', '"a:b"@x.org', '"jörg"@x.org', '"a@x.org'],
  'an encoded word for a local part': ['=?utf-8?q?a=40b?=@x.org', '=?x?q?e=40evil=2etest=3e=20?=@x.org'],
  'no domain name': ['a@-x.org', 'a@x-.org', 'a@.x.org', 'a@x.org.', 'a@x..org', 'a@x_y.org', 'a@x y.org', 'a@x!y.org', 'a@ab--ö.org', 'a@xn--ü.org', 'a@xn--.org', 'a@\u0300x.org', 'a@x.org=?x?=', 'a@*.org', 'a@"x".org'],
  'an IP address': ['a@1.2.3.4', 'a@x.123', 'a@[1.2.3.4]', 'a@[IPv6:::1]', 'a@[x.org]', '"a b"@[1.2.3.4]', 'a@0x7f000001.1', 'a@2130706433'],
  'comments, groups and routes': ['a@x.org (c)', '(c)a@x.org', 'a(c)@x.org', 'a@x.org(c)', 'Name (c) <a@x.org>', 'group: a@x.org;', 'group:;', 'undisclosed-recipients:;', '@a.org:b@x.org', '<@a.org:b@x.org>', '<@a.org,@b.org:c@x.org>', 'N:ame <a@x.org>'],
  'brackets and quotes that do not fit': ['Name <a@x.org', 'Name a@x.org>', 'Name <a@x.org> tail', 'Name <<a@x.org>>', '<a@x.org><b@x.org>', 'a@x.org<b@x.org>', '"unclosed <a@x.org>', '"N" "M" <a@x.org>', 'N "M" <a@x.org>', 'N@me <a@x.org>', 'Last, First <a@x.org>', 'a@x.org b@x.org'],
  'controls and what is not seen': ['a@x.org\n', '\ta@x.org', 'a@x.org\r\nBcc: e@evil.test', 'a\0@x.org', 'a@x.org\u2028', 'a@x.org\u0085', 'Name\n <a@x.org>', 'a\u200b@x.org', 'a\u202e@x.org', 'a\u2060@x.org', 'a@x\u200b.org', 'a@x\u00ad.org', 'a\u00a0b@x.org', 'a\u3000@x.org', '\ud800@x.org', 'a@\udc00.org', '\ue000@x.org', '\u0378@x.org', 'a\u007f@x.org'],
  'letters that fold into others': ['a＠x.org', 'a﹫x.org', 'a＠evil.test@x.org', 'a.b．c@x.org', 'a。b@x.org', '\u2024a@x.org', 'a\ufe52b@x.org', 'a@①.org', 'a@½.org', 'a@℀.org', 'a@⒈org', 'a@ⅷ.org', 'a＜b@x.org', 'a，b@x.org'],
  'too long': [`${times(65)}@x.org`, `${times(33, 'ü')}@x.org`, `a@${times(64)}.org`, `a@${longDomain(61)}`, `a@${times(126, 'a.')}aa`, `${times(64)}@${[times(63), times(63), times(62)].join('.')}`, `a@${times(60, 'ü')}.org`],
}

test('[SX89] what is plainly an address is taken, its domain in lower-case ASCII', () => {
  for (const [text, address] of taken) expect([text, parseAddress(text)?.address, parseAddress(text)?.name]).toEqual([text, address, ''])
  for (const [text, name, address] of named) expect([text, parseAddress(text)?.name, parseAddress(text)?.address]).toEqual([text, name, address])
  for (const [text, addresses] of lists) expect([text, parseAddresses(text).bad, parseAddresses(text).addresses.map(({ address }) => address)]).toEqual([text, [], addresses])
  // What is taken is an address in itself, and stays the same when it is read again.
  for (const [, address] of taken) expect([address, isAddress(address), parseAddress(address)?.address]).toEqual([address, true, address])
})

test('[SX89] what is refused is refused alone, in brackets and in a list, and takes nobody along', () => {
  const all = Object.entries(refused).flatMap(([why, texts]) => texts.map((text) => [why, text] as const))
  for (const [why, text] of all) {
    expect([why, text, parseAddress(text), isAddress(text)]).toEqual([why, text, null, false])
    const { bad } = parseAddresses(`${text}, good@x.org`)
    expect([why, text, bad.length > 0]).toEqual([why, text, true])
  }
  expect(all.length + taken.length + named.length + lists.length).toBeGreaterThanOrEqual(150)
})

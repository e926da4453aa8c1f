/** Hostile values: what breaks lines, quotes, lists and parsers, by hand and by the dice; and the shapes in which a mapping may bring them. */
import { array, constantFrom, oneof, sample, string } from 'fast-check'
import type { Json } from '#shared/json.ts'

const breaks = ['\r\n', '\n', '\r', '\n\r', '\r\n\r\n', '\r\n ', '\r\n\t', '\0', '\u000b', '\u000c', '\u0085', '\u2028', '\u2029', '\u560a\u560d', '%0d%0a', '%0D%0A', '\\r\\n', '&#13;&#10;', '=0D=0A', '\u001b[2J', '\u007f', '\u009b', '\ud800', '\udc00']
const orders = [
  'Bcc: e@evil.test', 'To: e@evil.test', 'X-Evil: 1', 'Content-Type: text/html', '.', '.\r\n', 'RCPT TO:<e@evil.test>', '.\r\nMAIL FROM:<e@evil.test>\r\nRCPT TO:<e@evil.test>\r\nDATA', '<script>alert(1)</script>', 'e@evil.test', '<e@evil.test>',
]
const tricks = [
  ', e@evil.test', '; e@evil.test', ',e@evil.test', ' e@evil.test', '>, <e@evil.test', '> <e@evil.test>', '"', '\\', '\\"', '", <e@evil.test>, "', '" <e@evil.test>, "', '(comment)', '(', ')', '(e@evil.test)', 'group: e@evil.test;', 'undisclosed-recipients:;', '@evil.test:', '@a,@b:e@evil.test', 'e@evil.test,', '<', '>', '<>', '@', '@evil.test', '..', '.', 'a@b@c',
  '=?utf-8?Q?=0D=0ABcc:_e=40evil.test?=', '=?utf-8?B?DQpCY2M6IGVAZXZpbC50ZXN0?=', '=?utf-8?q?e=40evil.test?=', '=?us-ascii?Q?=2C_e=40evil=2Etest?=', '=?', '?=', '=?x?y?z?=',
  '\u3002', '\uff0e', '\uff61', '\uff20evil.test', '\ufe6b', '\uff1ce@evil.test\uff1e', '\uff0c e@evil.test', '\uff1b', '\u2024', '\u202e', '\u202d', '\u200f', '\u200b', '\u200d', '\ufeff', '\u00ad', '\u2066', '\u00a0', '\u3000', '\u0130', '\u212a', '\u00df',
  '--=_boundary--', 'mailto:e@evil.test', 'mailto:a@b.test?bcc=e@evil.test', 'https://evil.test/?a,b', 'javascript:alert(1)', 'https://evil.test/>\r\nBcc: e@evil.test', '{{receive.from}}', '{{#each x}}', '${7*7}', '[127.0.0.1]', '[IPv6:::1]', ' SIZE=1', ' NOTIFY=NEVER ORCPT=rfc822;e@evil.test', '\t', '  ', 'null', 'undefined', '0', '1', 'high', '5 (Lowest)',
  'x'.repeat(70), 'x'.repeat(1200), 'ü'.repeat(300), '𝒳'.repeat(40), 'a@'.repeat(200), ', e@evil.test'.repeat(60), ' '.repeat(400), 'a\tb  c', '日本語', 'é', 'e\u0301',
]
const handmade = [...breaks.flatMap((cut) => orders.map((order) => `${cut}${order}`)), ...breaks, ...orders, ...tricks]
const dice = array(oneof(constantFrom(...breaks, ...orders, ...tricks), string({ unit: 'binary', maxLength: 12 }), constantFrom('a', 'b@c.test', ' ', '=', ':')), { minLength: 2, maxLength: 5 }).map((pieces) => pieces.join(''))

export const payloads: readonly string[] = [...new Set([...handmade, ...sample(dice, { numRuns: 260, seed: 20 })])]

/** `declared`: how many addresses somebody who reads the mapping counts in such a value. */
export interface Shaped { readonly value: Json; readonly declared: number }
export const shapes: readonly ((payload: string) => Shaped)[] = [
  (payload) => ({ value: payload, declared: 1 }),
  (payload) => ({ value: `ok@example.net${payload}`, declared: 1 }),
  (payload) => ({ value: `${payload}ok@example.net`, declared: 1 }),
  (payload) => ({ value: { name: payload, address: 'ok@example.net' }, declared: 1 }),
  (payload) => ({ value: { name: '', address: payload }, declared: 1 }),
  (payload) => ({ value: { name: 'Ok', address: `ok@example.net${payload}`, domain: payload }, declared: 1 }),
  (payload) => ({ value: [payload], declared: 1 }),
  (payload) => ({ value: [['ok@example.net', payload]], declared: 2 }),
  (payload) => ({ value: [{ name: payload, address: 'ok@example.net', domain: 'evil.test' }], declared: 1 }),
  (payload) => ({ value: { path: '/etc/passwd', href: 'http://evil.test/', content: payload, encoding: 'base64' }, declared: 1 }),
  (payload) => ({ value: { prepared: true, foldLines: false, value: payload, key: 'X-Evil' }, declared: 1 }),
  (payload) => ({ value: JSON.parse(JSON.stringify({ constructor: payload, toString: payload, address: payload }).replace('"constructor"', '"__proto__"')) as Json, declared: 1 }), // as a JSON mail body might read
  (payload) => ({ value: { raw: payload, toJSON: payload, length: 3, name: payload }, declared: 1 }),
  (payload) => ({ value: `"${payload}" <ok@example.net>`, declared: 1 }),
  (payload) => ({ value: `https://example.net/leave${payload}`, declared: 1 }),
  (payload) => ({ value: `https://example.net/leave?u=${encodeURIComponent(payload.slice(0, 60).toWellFormed())}`, declared: 1 }),
  (payload) => ({ value: `Name <ok@example.net${payload}>`, declared: 1 }),
]

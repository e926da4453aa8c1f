/** Sender checks: whose word counts, and how it is written. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAuth } from '#runtime/mail/mime/auth-results.ts'
import type { HeaderField } from '#runtime/mail/mime/header-fields.ts'

const fieldsOf = (...lines: readonly string[]): HeaderField[] => lines.map((line) => {
  const colon = line.indexOf(':')
  return { name: line.slice(0, colon), key: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() }
})
const authOf = (...lines: readonly string[]) => readAuth(fieldsOf(...lines))
const nothing = { spf: 'none', dkim: 'none', dmarc: 'none', by: '' }
const border = 'Received: from mail.evil.test (mail.evil.test [203.0.113.7]) by mx.example.org with ESMTPS id 1'

test('[RX70] sender checks count where nobody outside can have written them', () => {
  const good = { spf: 'pass', dkim: 'none', dmarc: 'pass', by: 'mx.example.org' }
  const said = 'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=a; dmarc=pass'
  // Above the first Received; between inner hops; below the border under the border's name; without any Received.
  expect(authOf(said, border)).toEqual(good)
  expect(authOf('Received: from mx (mx [10.1.2.3]) by store with LMTP', said, border)).toEqual(good)
  expect(authOf('Received: by 2002:a05:6a10::1 with SMTP id x', border, said, 'Received: from x (x [198.51.100.1]) by mail.evil.test')).toEqual(good)
  expect(authOf(said)).toEqual(good)
  expect(authOf('Authentication-Results: checks.other.net; spf=fail', border)).toMatchObject({ spf: 'fail', by: 'checks.other.net' })
})

test('[RX70] sender checks that a mail brought along are ignored', () => {
  const forged = 'Authentication-Results: mx.evil.test; spf=pass; dkim=pass; dmarc=pass'
  expect(authOf(border, forged)).toEqual(nothing)
  expect(authOf(border, forged, 'Received: from a (a [198.51.100.1]) by mx.evil.test')).toEqual(nothing)
  // The receiver's name below a foreign server's Received is no longer the receiver's word.
  expect(authOf(border, 'Received: from a (a [198.51.100.1]) by mail.evil.test', 'Authentication-Results: mx.example.org; dmarc=pass')).toEqual(nothing)
  expect(authOf('Received: from [10.0.0.1] (mail.evil.test [203.0.113.7]) by mail with SMTP', forged)).toEqual(nothing)
  expect(authOf('Received: from [10.0.0.1] by mail with SMTP', forged)).toEqual(nothing)
  expect(authOf('Received: from [203.0.113.7] (helo=[10.0.0.1]) by mail with esmtp (Exim 4.97)', forged)).toEqual(nothing)
  expect(authOf('Received: from [10.0.0.1] (mail.evil.test [IPv6:2001:db8::7]) by mail with SMTP', forged)).toEqual(nothing)
  expect(authOf('Received: from [IPv6:2001:db8::7] (helo=[10.0.0.1]) by mail with esmtp', forged)).toEqual(nothing)
  expect(authOf(border, 'Authentication-Results: spf=pass; dmarc=pass')).toEqual(nothing)
  expect(authOf('ARC-Authentication-Results: i=1; mx.example.org; dmarc=pass', border)).toEqual(nothing)
  // Below the receiver's own field, one of another name adds nothing.
  expect(authOf('Authentication-Results: mx.example.org; spf=fail', forged, border)).toEqual({ spf: 'fail', dkim: 'none', dmarc: 'none', by: 'mx.example.org' })
})

test('[RX70] Exchange Online writes no name; it is known by its Received', () => {
  expect(authOf(
    'Received: from A.EURP281.PROD.OUTLOOK.COM (2603:10a6:d10::12) by B.EURP281.PROD.OUTLOOK.COM with HTTPS', 'Received: from C.prod.protection.outlook.com (2603:10a6::3b) by D.outlook.office365.com',
    'Authentication-Results: spf=pass (sender IP is 80.241.56.171) smtp.mailfrom=a.de; dkim=pass (signature was verified) header.d=a.de;dmarc=bestguesspass action=none header.from=a.de;compauth=pass reason=109',
    'Received: from mx.a.de (80.241.56.171) by C.mail.protection.outlook.com (10.13.58.70)')).toEqual({ spf: 'pass', dkim: 'pass', dmarc: 'bestguesspass', by: 'd.outlook.office365.com' })
})

test('[RX71] several fields of one server, several signatures, comments and quoted strings are read as RFC 8601 has them', () => {
  expect(authOf('Authentication-Results: mx.example.org 1; dkim=fail header.d=a; dkim=PASS header.d=b', 'Authentication-Results: MX.example.org; dmarc = (p=none (nested; dmarc=fail)) quarantined', 'Authentication-Results: mx.example.org; spf=softfail; dmarc=pass')).toEqual({ spf: 'softfail', dkim: 'pass', dmarc: 'quarantined', by: 'mx.example.org' })
  expect(authOf('Authentication-Results: mx.example.org; dkim=fail reason="a; dmarc=pass; \\"; spf=pass" header.d=x; spf/1=neutral')).toEqual({ spf: 'neutral', dkim: 'fail', dmarc: 'none', by: 'mx.example.org' })
  expect(authOf('Authentication-Results: (spf=pass) mx.example.org (a); none')).toEqual({ ...nothing, by: 'mx.example.org' })
  expect(authOf('Authentication-Results: mx.example.org; x-spf=pass; spf-x=pass; auth=pass smtp.auth=spf=pass')).toEqual({ ...nothing, by: 'mx.example.org' })
})

test('[RX71] whatever the fields hold, four short words come out, and the same twice', () => {
  const piece = fc.constantFrom('spf=pass', 'dkim=fail', 'dmarc', '=', ';', '(', ')', '"', '\\', ' ', 'mx.example.org', 'from', ' by ', '[10.0.0.1]', '1.2.3.4', '::1', 'x'.repeat(300), '\u00e4', '__proto__=pass')
  const value = fc.oneof(fc.array(piece, { maxLength: 30 }).map((all) => all.join('')), fc.string())
  const field = fc.tuple(fc.constantFrom('received', 'authentication-results', 'subject'), value).map(([key, text]) => ({ name: key, key, value: text }))
  fc.assert(fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
    const auth = readAuth(fields)
    expect(readAuth(fields)).toEqual(auth)
    for (const word of [auth.spf, auth.dkim, auth.dmarc]) expect(word).toMatch(/^[a-z]{1,20}$/)
    expect(auth.by.length).toBeLessThanOrEqual(255)
    if (auth.by === '') expect(auth).toEqual(nothing)
  }))
  for (const noise of ['('.repeat(100_000), '"'.repeat(100_000), 'a ;'.repeat(50_000), ' '.repeat(100_000), '1.'.repeat(50_000), ':'.repeat(100_000)]) {
    expect(authOf(`Authentication-Results: mx.example.org; ${noise}`, `Received: from x (${noise}) by mx.example.org`).by).toBe('mx.example.org')
    expect(authOf(`Received: from x (${noise}) by mx.example.org`, `Authentication-Results: mx.example.org; ${noise}`)).toMatchObject({ spf: 'none' })
  }
})

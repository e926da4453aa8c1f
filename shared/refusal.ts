/** A server's refusal in plain words, by its status code (RFC 3463, RFC 7372, RFC 7505); the server's own words always stand beside it. */

const words: readonly (readonly [RegExp, string])[] = [
  [/^5\.1\.1$|^5\.1\.6$/, 'There is no such mailbox.'],
  [/^5\.1\.2$|^5\.4\.4$/, 'There is no mail server for this domain.'],
  [/^5\.1\.10$/, 'This domain takes no mail at all.'],
  [/^5\.1\.[3]$/, 'The server can\'t read this address.'],
  [/^5\.1\.[78]$/, 'The server does not accept the sender\'s address.'],
  [/^5\.2\.1$/, 'The mailbox is switched off.'],
  [/^[45]\.2\.2$/, 'The mailbox is full.'],
  [/^5\.2\.3$|^5\.3\.4$/, 'The mail is too large.'],
  [/^5\.7\.(?:2[0-9]|3[0-9])$/, 'The sender could not be proved (SPF, DKIM or DMARC).'],
  [/^5\.7\.[01]$/, 'The server does not let this mail through.'],
  [/^5\.4\.[06]$/, 'The server found no way to deliver it.'],
  [/^5\.6\./, 'The server does not take mail of this kind.'],
]

/** '' where the code says nothing that the server's words don't. */
export function sayRefusal(answer: string): string {
  const [, basic = '', enhanced = ''] = /(?:^|[\s:])([45]\d\d)[\s-]+(?:#?([45]\.\d{1,3}\.\d{1,3})\b)?/.exec(answer) ?? []
  const known = words.find(([code]) => code.test(enhanced))
  if (known) return known[1]
  return basic === '552' ? 'The mailbox is full, or the mail too large.' : ''
}

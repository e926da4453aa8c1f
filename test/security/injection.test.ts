/** From a stranger's mail to the wire: hostile values in every field, through mapping and composing, to what an SMTP server hears. */
import { expect, test } from 'vitest'
import { flowSchema } from '#shared/flow.ts'
import { forwardFlow, mailWorld } from '../world.ts'

const breaks = ['\r\n', '\n', '\r', '\n\r', '\r\n ', '\r\n\t', '\u0000\r\n', '\u2028', '\u2029', '\u0085', '\u000b', '%0d%0a', '\\r\\n', '\u560a\u560d', '=?utf-8?Q?=0D=0A?=']
const orders = [
  'Bcc: evil@evil.example', 'To: evil@evil.example', 'X-Evil: 1', 'Content-Type: text/html', '.\r\nMAIL FROM:<evil@evil.example>\r\nRCPT TO:<evil@evil.example>\r\nDATA\r\nevil', 'RCPT TO:<evil@evil.example>',
  '<evil@evil.example>', ', evil@evil.example', '>, <evil@evil.example', '\r\n<script>evil</script>',
]
const places = [
  (cut: string, order: string) => `Hello${cut}${order}`,
  (cut: string, order: string) => `${cut}${order}`,
  (cut: string, order: string) => `${order}${cut}`,
  (cut: string, order: string) => `"Hello" ${cut}${order}${cut}${cut}end`,
]
const payloads = breaks.flatMap((cut) => orders.flatMap((order) => places.map((place) => place(cut, order))))

const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
/** The payload in every field, hidden in encoded words where a line of its own would end the header; in each third mail also raw. */
function hostile(payload: string, index: number): Buffer {
  const raw = payload.replace(/[\r\n]+(?![ \t])/g, ' ')
  const text = index % 3 === 0 ? raw : word(payload)
  return Buffer.from([
    `From: ${word(payload)} <guest-${index}@client.example>`, `Reply-To: ${text} <reply-${index}@client.example>, "${raw.replace(/["\\<>,:;@]/g, '')}" <second-${index}@client.example>`, 'To: support@example.org',
    `Subject: ${index}. ${text}`, `X-Data: ${text}`, `X-Address: ${text}`, `Message-ID: <${index}@client.example>`, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '',
    '--b', 'Content-Type: text/plain; charset=utf-8', '', payload, '.', payload, '--b', 'Content-Type: text/plain', `Content-Disposition: attachment; filename="${word(payload)}"`, '', 'x', '--b--', '',
  ].join('\r\n'))
}

const flow = flowSchema.parse({
  ...forwardFlow(),
  nodes: forwardFlow().nodes.map((node) => (node.kind === 'map-data' ? { ...node, config: { rows: [
    { to: 'to', from: ['receive.from'] }, { to: 'replyTo', from: ['receive.replyTo'] }, { to: 'subject', from: ['receive.subject'] }, { to: 'text', from: ['receive.text'] },
    { to: 'headers.X-Data', from: ['receive.headers.X-Data'] }, { to: 'headers.X-Both', template: '{{receive.subject}} {{receive.from.name}}' }, { to: 'attachments', from: ['receive.attachments'] },
  ] } } : node)),
})
const ownHeaders = new Set(['date', 'from', 'to', 'reply-to', 'subject', 'message-id', 'auto-submitted', 'x-mailweave-flow', 'x-data', 'x-both', 'mime-version', 'content-type', 'content-transfer-encoding'])

test('[SE63] 600 hostile values in every field: nobody new in the envelope, no header of their own, no second transaction', async () => {
  const world = await mailWorld()
  try {
    await world.product.deploy(flow)
    payloads.forEach((payload, index) => { world.arrive(hostile(payload, index)) })
    const runs = await world.settled(payloads.length)
    const { accepted, commands } = world.smtp
    expect(accepted.length).toBe(runs.filter((run) => run.state === 'done').length)
    // Names are cleaned and not refused, so nearly every mail goes out; fewer would mean that little was tested.
    expect(accepted.length).toBeGreaterThan(payloads.length * 0.9)
    for (const mail of accepted) {
      expect(mail.from).toBe('desk@example.org')
      expect(mail.to).toEqual([expect.stringMatching(/^guest-\d+@client\.example$/)])
      const text = mail.bytes.toString('latin1')
      // Nothing but CRLF ends a line, anywhere.
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      const names = (text.split('\r\n\r\n', 1)[0] ?? '').split(/\r\n(?![ \t])/).map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
      expect(names.filter((name) => !ownHeaders.has(name))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
    }
    expect(new Set(accepted.map((mail) => mail.to[0])).size).toBe(accepted.length)
    // The server heard each envelope once, and no command that a mail wrote.
    expect(commands.filter((line) => line.startsWith('MAIL FROM')).every((line) => line.startsWith('MAIL FROM:<desk@example.org>'))).toBe(true)
    expect(commands.filter((line) => !/^(EHLO|MAIL FROM:<desk@example\.org>|RCPT TO:<guest-\d+@client\.example>|DATA$|RSET$|QUIT$)/.test(line))).toEqual([])
    expect(commands.filter((line) => line === 'DATA').length).toBe(accepted.length)
    console.log(`figure: ${payloads.length} hostile mails, ${accepted.length} sent on, ${payloads.length - accepted.length} refused, 0 injected`)
  } finally {
    await world.stop()
  }
})

test('[SE63] a stranger\'s text mapped to an address field is one address or the mail is refused', async () => {
  const world = await mailWorld()
  try {
    const addresses = ['guest@client.example', 'guest@client.example\r\nBcc: evil@evil.example', 'guest@client.example>\r\nRCPT TO:<evil@evil.example', 'guest@client.example\u0000', '"guest@client.example" <evil@evil.example', 'guest@client.example SIZE=1 BODY=8BITMIME', '<>', '@evil.example:guest@client.example', 'undisclosed:evil@evil.example;', 'a@b.example%00', '"a@evil.example"@client.example', 'guest@[127.0.0.1]']
    await world.product.deploy(flowSchema.parse({
      ...flow, nodes: flow.nodes.map((node) => (node.kind === 'map-data' ? { ...node, config: { rows: [{ to: 'to', value: ['tickets@dest.example'] }, { to: 'cc', from: ['receive.headers.X-Address', 'receive.headers.X-None'] }, { to: 'text', value: 'x' }] } } : node)),
    }))
    for (const [index, address] of addresses.entries()) world.arrive(Buffer.from(`From: a@client.example\r\nTo: support@example.org\r\nSubject: ${index}\r\nX-Address: ${word(address)}\r\nMessage-ID: <${index}@x.example>\r\n\r\nx\r\n`))
    const runs = await world.settled(addresses.length)
    // The second of them ends in a NUL, which reading the header takes off.
    expect(world.smtp.accepted.map((mail) => mail.to)).toEqual([1, 2].map(() => ['tickets@dest.example', 'guest@client.example']))
    expect(runs.filter((run) => run.state === 'failed').map((run) => run.problem?.code)).toEqual(Array.from({ length: addresses.length - 2 }, () => 'SEND_BAD_ADDRESS'))
    expect(world.smtp.commands.filter((line) => line.includes('evil'))).toEqual([])
  } finally {
    await world.stop()
  }
})

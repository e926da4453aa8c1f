/** HTML into text, and replies taken apart. */
import { expect, test } from 'vitest'
import { htmlToText } from '#shared/html-text.ts'
import { splitReply } from '#shared/reply-text.ts'

test('[RX55] HTML reads as a person would type it: paragraphs, lists, quotes, cells, links', () => {
  expect(htmlToText('<style>p{}</style><h1>Hi &amp; hello</h1><p>Some <b>bold</b>\n text<br>next&nbsp;line</p><!-- no --><script>alert("<p>")</script>')).toBe('Hi & hello\n\nSome bold text\nnext line')
  expect(htmlToText('before<blockquote><p>one</p>two<br>three</blockquote>after')).toBe('before\n\n> one\n>\n> two\n> three\n\nafter')
  expect(htmlToText('<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>')).toBe('- a\n- b\n  1. c\n  2. d')
  expect(htmlToText('<table><tr><td>1</td><td></td><td>2</td></tr><tr><td>3</td></tr></table>')).toBe('1\t2\n3')
  expect(htmlToText('<a href="https://x.org/">x.org</a>, <a href=\'https://y.org\'>Y</a>, <a href="mailto:a@b.c">mail</a>, <a href="javascript:x">js</a>')).toBe('x.org, Y (https://y.org), mail (a@b.c), js')
  expect(htmlToText('1 < 2 &lt;b&gt; &#8364; &#x20ac; &#128; &nosuch; &amp &#0;')).toBe('1 < 2 <b> € € € &nosuch; & \ufffd')
  expect(htmlToText('<pre>a  b\n  c</pre>d<img alt="a cat" src=x>')).toBe('a  b\n  c\n\nda cat')
})

test('[RX49] hostile HTML ends, and the text stays in proportion to it', () => {
  const hostile = ['<'.repeat(500_000), '<b>'.repeat(1_000_000), '<blockquote>x'.repeat(100_000), '<a href="'.repeat(100_000), '<!--'.repeat(200_000), '<script>'.repeat(100_000), '&'.repeat(500_000), '<ul><li>x'.repeat(100_000),
    ' \u00a0'.repeat(300_000), `<a ${'href '.repeat(100_000)}>`, `<a href="http://x">${'w <i>'.repeat(100_000)}`, '</p>'.repeat(300_000)]
  for (const html of hostile) expect(htmlToText(html).length).toBeLessThanOrEqual(html.length * 4)
})

test('[RX52] the new part of a reply, the quoted part and the signature are told apart', () => {
  expect(splitReply('Yes.\n\nOn Mon, 1 Jan 2026, Anna\n<a@x.org> wrote:\n> Shall we?\n>> Earlier\n\nAnd this too.\n-- \nBob\nACME')).toEqual({
    replyText: 'Yes.\n\n\nAnd this too.', quotedText: 'On Mon, 1 Jan 2026, Anna\n<a@x.org> wrote:\n> Shall we?\n>> Earlier', signature: 'Bob\nACME',
  })
  expect(splitReply('Gut.\n\nAm 01.01.2026 um 10:00 schrieb Anna Berg:\nAlte Zeile\nnoch eine')).toMatchObject({ replyText: 'Gut.', quotedText: 'Am 01.01.2026 um 10:00 schrieb Anna Berg:\nAlte Zeile\nnoch eine' })
  expect(splitReply('Top\n-----Original Message-----\nFrom: x\n\nold')).toMatchObject({ replyText: 'Top', quotedText: '-----Original Message-----\nFrom: x\n\nold' })
  expect(splitReply('Top\n\nFrom: Anna\nSent: Monday\nTo: Bob\nSubject: Re: x\n\nold')).toMatchObject({ replyText: 'Top', quotedText: 'From: Anna\nSent: Monday\nTo: Bob\nSubject: Re: x\n\nold' })
  expect(splitReply('On the way home:\nAm I right?\nFrom: here on all is fine')).toEqual({ replyText: 'On the way home:\nAm I right?\nFrom: here on all is fine', quotedText: '', signature: '' })
  expect(splitReply('')).toEqual({ replyText: '', quotedText: '', signature: '' })
})

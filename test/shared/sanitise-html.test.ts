/** A stranger's HTML inside another mail: it stays in its place, loads nothing, and keeps its looks. */
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { sanitiseHtml } from '#shared/sanitise-html.ts'
import { hostilePieces } from './hostile-html.ts'

const sane = (html: string): string => sanitiseHtml(html, 1_000_000).html

test.each([
  ['<p>Hello <b>you</b></p>', '<p>Hello <b>you</b></p>'],
  ['a &amp; b &lt;i&gt; < c', 'a &amp; b &lt;i&gt; &lt; c'],
  ['<p>one<p>two<ul><li>a<li>b</ul>', '<p>one</p><p>two</p><ul><li>a</li><li>b</li></ul>'],
  ['<table><tr><td>a<td>b<tr><td>c</table>d', '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d'],
  ['<table>\n <tr>\n <td>a</td>\n </tr>\n</table>', '<table><tr><td>a</td></tr></table>'],
  ['<a href="https://x.org/?a=1&amp;b=2" onclick="x()">go</a>', '<a href="https://x.org/?a=1&amp;b=2">go</a>'],
  ['<font color=red size=2 face="Arial, sans-serif">x</font>', '<font color="red" size="2" face="Arial, sans-serif">x</font>'],
  ['<p style="color:#333; font-size: 12px; position:fixed; margin-top:-400px">x</p>', '<p style="color:#333;font-size:12px;">x</p>'],
  ['<body bgcolor="#000" style="color:white" onload="x()"><p>x</body></html>', '<div style="background-color:#000;color:white;"><p>x</p></div>'],
  ['<img src="cid:p1@x" width=10 alt="Logo">', '<img src="cid:p1@x" width="10" alt="Logo">'],
  ['<o:p>&nbsp;</o:p><v:shape>x</v:shape><unknown>y</unknown>', '&nbsp;xy'],
  ['<!--[if mso]><p>outlook</p><![endif]-->x<!-- > -->y', 'xy'],
  ['<pre>a\n  b</pre>', '<pre>a\n  b</pre>'],
])('[SX68] %s comes as harmless tags', (html, expected) => { expect(sane(html)).toBe(expected) })

test.each([
  ['a picture from the internet', '<p>See <img src="https://x.org/t.gif?id=7" alt="our offer" srcset="https://x.org/2.gif 2x"></p>', '<p>See our offer</p>'],
  ['a background', '<table background="https://x.org/b.png"><tr><td style="background:url(https://x.org/c.png) red">x</td></tr></table>', '<table><tr><td>x</td></tr></table>'],
  ['a style sheet', '<style>@import "https://x.org/s.css"; p{background:url(https://x.org/t)}</style><link rel=stylesheet href="https://x.org/s.css">x', 'x'],
  ['an escape in a style', '<p style="background:u\\72l(https://x.org/t);color:r\\65 d">x</p>', '<p>x</p>'],
  ['a frame', '<iframe src="https://x.org"></iframe><object data="https://x.org"><p>fallback</p></object><embed src="https://x.org">x', 'x'],
  ['a form', '<form action="https://x.org"><input name=a><button>Send</button></form>', 'Send'],
  ['a base and a refresh', '<base href="https://x.org/"><meta http-equiv=refresh content="0;url=https://x.org">x', 'x'],
  ['a drawing', '<svg><image href="https://x.org/t"/><script>x()</script></svg>x<math><mtext><img src=x onerror=x()></mtext></math>', 'x'],
  ['sound and film', '<video poster="https://x.org/t" src="https://x.org/v"></video><audio src="https://x.org/a"></audio>x', 'x'],
])('[SX68] %s loads nothing', (_, html, expected) => { expect(sane(html)).toBe(expected) })

test.each([
  '<script>alert(1)</script>', '<scr<script>ipt>alert(1)</script>', '<img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>', '<a href=" java\tscript:alert(1)">x</a>', '<a href="&#106;avascript:alert(1)">x</a>', '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="vbscript:x">x</a>', '<p style="width:expression(alert(1))">x</p>', '<p style="behavior:url(x)">x</p>', '<img src="data:image/svg+xml;base64,PHN2Zz4=">', '<p title=\'"><script>alert(1)</script>\'>x</p>', '<img alt="`<script>" src=cid:a@x>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<textarea></textarea><script>1</script>', '<title></title><img src=x onerror=1>', '<plaintext></plaintext><script>', '<p id=x name=y class=z data-a=b>x</p>', '<template><script>x</script></template>', '<xmp></xmp><script>x</script>', '<!--><script>x</script>-->', '<![CDATA[<script>x</script>]]>', '<?php <script>x</script> ?>',
])('[SX68] %s does nothing', (html) => {
  expect(sane(html)).not.toMatch(/<(?:script|img(?![^>]* src="cid:)|svg|noscript|textarea|title|template|xmp|iframe)|javascript:|vbscript:|data:|expression|behavior|\son\w+\s*=|\sid=|\sname=|\sclass=/i)
})

test('[SX68] the pictures it shows are named, as its addresses write them', () => {
  expect(sanitiseHtml('<img src="cid:a@x"><img src=\'CID:b%40x\'><img src="cid:a@x"><p style="background:url(cid:c@x)">', 1000).pictures).toEqual(['a@x', 'b%40x'])
})

/** Each end tag closes the element that was opened last, and nothing is left open. */
function isBalanced(html: string): boolean {
  const open: string[] = []
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (slash === '/') { if (open.pop() !== name) return false }
    else if (!['br', 'hr', 'img', 'wbr', 'col'].includes(name)) open.push(name)
  }
  return open.length === 0
}

test('[SX68] any HTML comes out balanced, with nothing in it that loads or runs, and the same again', () => {
  assert(property(array(oneof(constantFrom(...hostilePieces), string({ maxLength: 8 })), { maxLength: 30 }), (pieces) => {
    const out = sane(pieces.join(''))
    expect(isBalanced(out)).toBe(true)
    expect(out).not.toMatch(/<(?!\/?(?:a|abbr|address|b|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|dfn|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|ol|p|pre|q|s|samp|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr)\b)/)
    expect(sane(out)).toBe(out)
  }), { numRuns: 3000, seed: 68 })
})

test('[SX68] a hostile length costs no more than its length, and a bound ends the HTML with everything closed', () => {
  for (const piece of ['<p>', '<b>', '<table>', '<td>', '<a href="', '</p>', '<', '&', '<!--', '<li>', '<div><p>', '<table><tr><td>', 'x']) {
    const { html, cut } = sanitiseHtml(piece.repeat(200_000), 500_000)
    expect([piece, isBalanced(html), html.length < 520_000]).toEqual([piece, true, true])
    expect(cut).toBe(html.length >= 500_000)
  }
})

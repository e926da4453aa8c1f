/** Replies taken apart: by language, by mail program, by what stands in between. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { htmlToText } from '#shared/html-text.ts'
import { splitReply } from '#shared/reply-text.ts'

/** Lines that programs write above an unmarked copy or a marked quote; the date comes first, last or in between. */
const attributions = [
  'On Fri, Nov 20, 2026 at 10:00 AM Anna Berg <anna@example.org> wrote:', 'On 11/20/2026 10:00 AM, Anna Berg wrote:', 'On 20 Nov 2026, at 10:00, Anna Berg <anna@example.org> wrote:', 'On Friday, November 20th, 2026 at 10:00, Anna\n<anna@example.org> wrote:',
  'Am 20.11.2026 um 10:00 schrieb Anna Berg:', 'Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb Anna Berg <\nanna@example.org>:', 'Am Freitag, 20. November 2026, 10:00:00 CET schrieb Anna:', 'Anna Berg <anna@example.org> schrieb am 20.11.2026 10:00:',
  'Le ven. 20 nov. 2026 à 10:00, Anna Berg <anna@example.org> a écrit :', 'Le 20/11/2026 à 10:00, Anna Berg a écrit :', 'El vie, 20 nov 2026 a las 10:00, Anna Berg (<anna@example.org>)\nescribió:', 'El 20/11/2026 a las 10:00, Anna escribió:',
  'Il giorno ven 20 nov 2026 alle ore 10:00 Anna Berg <anna@example.org>\nha scritto:', 'Il 20/11/2026 10:00, Anna Berg ha scritto:', 'Op vr 20 nov. 2026 om 10:00 schreef Anna Berg <anna@example.org>:', 'Op 20-11-2026 om 10:00 schreef Anna:',
  'pt., 20 lis 2026 o 10:00 Anna Berg <anna@example.org> napisał(a):', 'W dniu 20.11.2026 o 10:00, Anna Berg pisze:', 'Em sex., 20 de nov. de 2026 às 10:00, Anna Berg <anna@example.org>\nescreveu:', 'Em 20/11/2026 10:00, Anna escreveu:',
  'Den fre 20 nov. 2026 kl 10:00 skrev Anna Berg <anna@example.org>:', 'fre. 20. nov. 2026 kl. 10.00 skrev Anna Berg <anna@example.org>:', 'pe 20. marrask. 2026 klo 10.00 Anna Berg (anna@example.org) kirjoitti:', 'pá 20. 11. 2026 v 10:00 odesílatel Anna Berg <anna@example.org> napsal:',
  'пт, 20 нояб. 2026 г. в 10:00, Anna Berg <anna@example.org>:', '20.11.2026 10:00, Anna Berg пишет:', 'Anna Berg <anna@example.org>, 20 Kas 2026 Cum, 10:00 tarihinde\nşunu yazdı:',
  '2026年11月20日(金) 10:00 Anna Berg <anna@example.org>:', 'Anna Berg <anna@example.org> 于2026年11月20日周五 10:00写道：', '在 2026年11月20日 10:00，Anna Berg 写道：', '2026년 11월 20일 (금) 오전 10:00, Anna Berg <anna@example.org>님이 작성:',
]
const copies = [
  '-----Original Message-----\nFrom: Anna', '-----Ursprüngliche Nachricht-----\nVon: Anna', '-----Message d\'origine-----\nDe : Anna', '-----Mensaje original-----\nDe: Anna', '-----Messaggio originale-----\nDa: Anna', '-----Oorspronkelijk bericht-----\nVan: Anna',
  '-----Wiadomość oryginalna-----\nOd: Anna', '-----Mensagem original-----\nDe: Anna', '-----Ursprungligt meddelande-----\nFrån: Anna', '------------------ 原始邮件 ------------------\n发件人: Anna', '---------- Forwarded message ---------\nFrom: Anna', 'Begin forwarded message:\n\nFrom: Anna',
  'From: Anna\nSent: Friday, 20 November 2026 10:00\nTo: Bob\nSubject: RE: Offer', '________________________________\nVon: Anna\nGesendet: Freitag, 20. November 2026 10:00\nAn: Bob\nBetreff: AW: Angebot', '*From:* Anna\n*Date:* Friday\n*To:* Bob', 'De : Anna\nEnvoyé : vendredi\nÀ : Bob\nObjet : RE: Offre',
  'De: Anna\nEnviado el: viernes\nPara: Bob\nAsunto: RE: Oferta', 'Da: Anna\nInviato: venerdì\nA: Bob\nOggetto: R: Offerta', 'Van: Anna\nVerzonden: vrijdag\nAan: Bob\nOnderwerp: RE: Offerte', 'Od: Anna\nWysłano: piątek\nDo: Bob\nTemat: ODP: Oferta', 'De: Anna\nEnviada em: sexta-feira\nPara: Bob\nAssunto: RE: Oferta',
  'Från: Anna\nSkickat: fredag\nTill: Bob\nÄmne: SV: Offert', 'Fra: Anna\nSendt: fredag\nTil: Bob\nEmne: SV: Tilbud', 'От: Anna\nОтправлено: пятница\nКому: Bob\nТема: RE: Заказ', '差出人: Anna\n送信日時: 2026年11月20日\n宛先: Bob\n件名: RE: 見積', '发件人：Anna\n发送时间：2026年11月20日\n收件人：Bob\n主题：答复', '---\n\nFrom: Anna\nSent: Friday\nTo: Bob', '  ----- Original Message -----\n  From: Anna',
]

test('[RX52] what stands below a program\'s line is quoted, in any of these languages, marked or not', () => {
  for (const mark of [...attributions, ...copies]) {
    expect([mark, splitReply(`Thanks, Bob\n\n${mark}\n\nOld words\nand more`)]).toEqual([mark, { replyText: 'Thanks, Bob', quotedText: `${mark}\n\nOld words\nand more`, signature: '' }])
  }
  for (const mark of attributions) {
    expect([mark, splitReply(`Thanks, Bob\n${mark}\n> Old words\n\nMy answer\n> more`)]).toEqual([mark, { replyText: 'Thanks, Bob\n\nMy answer', quotedText: `${mark}\n> Old words\n> more`, signature: '' }])
  }
  // Above a marked quote less will do.
  expect(splitReply('Nicu wrote:\n> old\nnew')).toMatchObject({ replyText: 'new', quotedText: 'Nicu wrote:\n> old' })
  expect(splitReply('02.04.2012 14:20 пользователь "bob" <\nbob@example.org> сказал:\n\n> old')).toMatchObject({ replyText: '' })
})

test('[RX52] what people write themselves is no mark', () => {
  const own = [
    'On the way home:\nAm I right?\nFrom: here on all is fine', 'Meeting on 20.11.2026 at 10:00:\nRoom 5', 'As Anna wrote:\nnever change a running system', 'De: si, A: no', 'From: Berlin\nwe take the train', 'Prices:\nA: 5\nB: 6', 'Call 030:\n123', '-- not a mark --\ntext', 'To: do\nSubject: matter',
    '>From here on it is fine', 'We met in 2026.\nPlease note:\n- one', 'Sent from the office, where I sat all day.\nMore', 'Date: tomorrow\nFrom: noon\nTo: six', '  p@x.org\n    host a.org [192.0.2.22] in 2026\n    SMTP error after MAIL FROM:<s@x.org>:\n    550 no', 'x\n\nIn 2019 he wrote:\nall is well',
  ]
  for (const text of own) expect([text, splitReply(text)]).toEqual([text, { replyText: text, quotedText: '', signature: '' }])
})

test('[RX52] signatures: below "-- ", or what a telephone or a mail program writes at the end', () => {
  expect(splitReply('Hi\n--\nquoted rule above\n-- \nBob\nACME')).toEqual({ replyText: 'Hi\n--\nquoted rule above', quotedText: '', signature: 'Bob\nACME' })
  const devices = [
    'Sent from my iPhone', 'Sent from Mail for Windows 11', 'Sent with Proton Mail', 'Von meinem iPhone gesendet', 'Gesendet von Mail für Windows', 'Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet', 'Envoyé de mon iPhone', 'Enviado desde mi iPhone', 'Inviato da iPhone',
    'Verzonden vanaf mijn iPhone', 'Enviado do meu iPhone', 'Skickat från min iPhone', 'Wysłane z iPhone\'a', 'Отправлено с iPhone', 'iPhoneから送信', '发自我的iPhone', 'Get Outlook for iOS<https://aka.ms/o0ukef>', 'Outlook für iOS beziehen',
  ]
  for (const line of devices) expect([line, splitReply(`Yes.\n\n${line}\n\nOn 20.11.2026 10:00, A wrote:\n> old`)]).toMatchObject([line, { replyText: 'Yes.', signature: line }])
  expect(splitReply('Sent from my iPhone\n\nThat line was on every mail.\n\nStrange.\n\nIs it not?')).toMatchObject({ signature: '' })
})

test('[RX52] mails with HTML alone are taken apart by their text', () => {
  const gmail = htmlToText('<div>Yes</div><br><div class="gmail_quote"><div class="gmail_attr">On Fri, Nov 20, 2026 at 10:00 AM Anna &lt;<a href="mailto:a@x.org">a@x.org</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><div>Old</div></blockquote></div>')
  expect(splitReply(gmail)).toMatchObject({ replyText: 'Yes', quotedText: expect.stringContaining('> Old') })
  const outlook = htmlToText('<div>Yes</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><font><b>From:</b> Anna &lt;a@x.org&gt;<br><b>Sent:</b> Friday<br><b>To:</b> Bob<br><b>Subject:</b> Re: x</font></div><div>Old</div>')
  expect(splitReply(outlook)).toMatchObject({ replyText: 'Yes', quotedText: expect.stringContaining('Old') })
  const apple = htmlToText('<div>Yes</div><div><blockquote type="cite"><div>On 20 Nov 2026, at 10:00, Anna &lt;a@x.org&gt; wrote:</div><br><div>Old</div></blockquote></div>')
  expect(splitReply(apple)).toMatchObject({ replyText: 'Yes', quotedText: expect.stringContaining('Old') })
})

test('[RX84] no filled line is lost, changed, doubled or put before another of its part, whatever the text', () => {
  const line = fc.oneof(fc.constantFrom('', '> old', '-- ', '--', 'Sent from my iPhone', '-----Original Message-----', 'From: a', 'Sent: b', 'To: c', 'On 1.2.2026 10:00', 'wrote:', 'Anna <a@x.org>:', '___', ':', '：'), fc.constantFrom(...attributions, ...copies), fc.string())
  fc.assert(fc.property(fc.array(line, { maxLength: 25 }), (all) => {
    const filled = (text: string) => text.split('\n').map((one) => one.trimEnd()).filter((one) => one.trim() !== '')
    const text = all.join('\n')
    const { replyText, quotedText, signature } = splitReply(text)
    const rest = [filled(replyText), filled(quotedText), filled(signature)]
    for (const one of filled(text)) {
      const part = rest.find((lines) => lines[0] === one)
      if (part) part.shift()
      // Only the line that begins the signature belongs to none.
      else expect(['--', '-- '.trimEnd()]).toContain(one)
    }
    expect(rest.flat()).toEqual([])
  }), { numRuns: 400 })
})

test('[RX49] texts made to be slow are taken apart in time linear in their length', () => {
  for (const text of ['On 1\n'.repeat(200_000), ':\n'.repeat(400_000), 'a:'.repeat(400_000), 'From: a\n'.repeat(100_000), '---\n\n\n'.repeat(150_000), ' '.repeat(900_000), '<@'.repeat(400_000) + ':', '\n'.repeat(900_000)]) {
    const { replyText, quotedText, signature } = splitReply(text)
    expect(replyText.length + quotedText.length + signature.length).toBeLessThanOrEqual(text.length)
  }
})

/** What mail programs write above a quote and below a text, by language: the tables of reply-text.ts. */

/** Lines longer than this are prose, never a line that a mail program wrote. */
const longestMark = 400

/** Attributions wrap; programs break them into at most this many lines. */
const mostLines = 3

/** "On …": with one of these at its beginning and a verb at its end, a line is an attribution wherever it stands. */
const starts = /^(?:On|Am|Le|El|Il(?: giorno)?|Op|Em|Den|På|W dniu|Dne|Dňa|Pe) /
/** The verb is last, or the writer's name stands behind it. */
const verbAtEnd = /(?:wrote|writes|pisze|schrieb|schreef|a écrit|escribió|ha scritto|escreveu|skrev|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|kirjoitti|написала?|написал\(а\)|пишет|írta|yazdı|写道|寫道|님이 작성|さんが書きました)(?: in (?:message|article))?\s?[:：]$/
const verbInside = /(?:schrieb|schreef|skrev|a écrit|escribió|ha scritto|hat geschrieben)[\s:]/
/** `Anna <anna@example.org>:`, with a verb of a few letters behind it. */
const addressAtEnd = /[<([]\S{1,200}@\S{1,200}[>)\]]{1,2}[^<>@]{0,25}[:：]$/
/** A clock and a year; parts of network addresses are neither. */
const clock = /(?<![\d.:])\d{1,2}[:.]\d{2}(?![\d.]\d|\d)/
const year = /(?<!\d)(?:19|20)\d\d(?!\d)/
const moment = /(?:\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b|(?:19|20)\d\d\s?[年년]|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})/

/** How many lines the attribution at `at` takes, 0 when there is none. `quoteAt` says whether the next filled line from there is marked with ">". */
export function attributionLength(lines: readonly string[], at: number, quoteAt: (from: number) => boolean): number {
  let whole = ''
  for (let length = 1; length <= mostLines; length += 1) {
    const line = lines[at + length - 1] ?? ''
    if (whole.length + line.length > longestMark) return 0
    const next = line.trim()
    if (next === '') return 0
    whole = whole === '' ? next : `${whole} ${next}`
    // A first line without a number or an address is the end of somebody's paragraph, unless it begins as attributions do.
    if (length === 1 && !(/[\d@]/.test(whole) || starts.test(whole) || verbAtEnd.test(whole))) return 0
    const last = whole.charCodeAt(whole.length - 1)
    if (last !== 0x3a && last !== 0xff1a) continue
    const alone = at === 0 || (lines[at - 1] ?? '').trim() === ''
    if (starts.test(whole) && /\d/.test(whole) && (verbAtEnd.test(whole) || verbInside.test(whole))) return length
    if (alone && clock.test(whole) && year.test(whole) && (verbAtEnd.test(whole) || addressAtEnd.test(whole) || (whole.includes('@') && verbInside.test(whole)))) return length
    // Above a marked quote less will do, whatever the language, also "Anna wrote:".
    if (quoteAt(at + length) && (moment.test(whole) || whole.includes('@') || verbAtEnd.test(whole))) return length
    return 0
  }
  return 0
}

const copyMarks = new Set([
  'original message', 'original appointment', 'forwarded message', 'reply message', 'ursprüngliche nachricht', 'originalnachricht', 'original-nachricht', 'weitergeleitete nachricht', 'message d\'origine', 'message d’origine',
  'message original', 'message transféré', 'mensaje original', 'mensaje reenviado', 'messaggio originale', 'messaggio inoltrato', 'oorspronkelijk bericht', 'doorgestuurd bericht', 'mensagem original', 'mensagem encaminhada',
  'ursprungligt meddelande', 'originalmeddelande', 'vidarebefordrat meddelande', 'oprindelig meddelelse', 'opprinnelig melding', 'wiadomość oryginalna', 'treść oryginalnej wiadomości', 'wiadomość przekazana dalej', 'původní zpráva',
  'alkuperäinen viesti', 'eredeti üzenet', 'orijinal mesaj', 'исходное сообщение', 'пересылаемое сообщение', '原始邮件', '原始郵件', '转发邮件', '元のメッセージ', '転送されたメッセージ', '원본 메일',
])
/** Apple Mail's, without dashes. */
const openMarks = new Set(['begin forwarded message:', 'anfang der weitergeleiteten nachricht:', 'début du message transféré :', 'inizio messaggio inoltrato:', 'inicio del mensaje reenviado:', 'begin doorgestuurd bericht:', 'início da mensagem encaminhada:', 'vidarebefordrat brev:'])

/** The header block that Outlook and others put above their copy: the sender's line comes first. */
const senderNames = new Set(['from', 'von', 'de', 'da', 'van', 'od', 'från', 'fra', 'lähettäjä', 'feladó', 'kimden', 'от', 'от кого', '差出人', '发件人', '寄件者', '보낸 사람'])
const otherNames = new Set([
  'sent', 'date', 'to', 'cc', 'subject', 'gesendet', 'datum', 'an', 'betreff', 'envoyé', 'envoyé le', 'à', 'objet', 'enviado', 'enviado el', 'enviado em', 'enviada em', 'para', 'asunto', 'assunto', 'fecha', 'data', 'inviato', 'a', 'oggetto',
  'verzonden', 'aan', 'onderwerp', 'wysłano', 'wysłane', 'do', 'temat', 'skickat', 'till', 'ämne', 'sendt', 'til', 'emne', 'dato', 'lähetetty', 'vastaanottaja', 'aihe', 'odesláno', 'komu', 'předmět', 'küldve', 'címzett', 'tárgy',
  'gönderme tarihi', 'tarih', 'kime', 'konu', 'отправлено', 'дата', 'кому', 'тема', '送信日時', '日時', '宛先', '件名', '发送时间', '日期', '收件人', '抄送', '主题', '寄件日期', '收件者', '主旨', '보낸 날짜', '받는 사람', '제목', 'reply-to', 'importance',
])
/** "De", "A", "Do" are words too: so many lines of the block must be there, of the first six. */
const blockLines = 3

export function startsCopy(lines: readonly string[], at: number): boolean {
  const line = (lines[at] ?? '').slice(0, longestMark + 1).trim()
  if (line.length > longestMark) return false
  if (line.startsWith('--') || line.startsWith('—')) {
    const words = line.replace(/^[-—]+/, '').replace(/[-—]+$/, '').trim().toLowerCase()
    // A bare rule counts with the block below it: Outlook's HTML draws one.
    return words === '' ? line.length >= 3 && startsBlock(lines, nextFilled(lines, at + 1)) : copyMarks.has(words)
  }
  if (line.endsWith(':') && openMarks.has(line.toLowerCase())) return true
  return startsBlock(lines, /^_{3,}$/.test(line) ? nextFilled(lines, at + 1) : at)
}

function startsBlock(lines: readonly string[], from: number): boolean {
  if (!senderNames.has(fieldName(lines[from] ?? ''))) return false
  let found = 1
  for (let index = from + 1; index < from + 6; index += 1) if (otherNames.has(fieldName(lines[index] ?? ''))) found += 1
  return found >= blockLines
}

/** A quote stands at most two empty lines below its mark; a bound keeps the whole linear. */
export function nextFilled(lines: readonly string[], from: number): number {
  let at = from
  while (at < from + 3 && (lines[at] ?? '').trim() === '') at += 1
  return at
}

/** `From: …`, `*From:* …` (bold in HTML), `差出人：…`; '' for anything else. */
function fieldName(line: string): string {
  const head = line.slice(0, 24)
  const colon = head.search(/[:：]/)
  return colon < 1 ? '' : head.slice(0, colon).replace(/^\s*\*?|\*?\s*$/g, '').toLowerCase()
}

/** What telephones and mail programs write below a text of their own accord. */
const deviceLine = /^(?:sent (?:from|with|via|using) (?:my |the |your )?\S|(?:von meinem|von meiner) .{1,60} gesendet|gesendet (?:von|mit|über) \S|diese nachricht wurde von meinem .{1,80} gesendet|envoyé (?:de|depuis|avec|à partir de) \S|enviado (?:desde|do|de|com|a partir d[oe]) \S|inviato (?:da|dal|con) \S|verzonden (?:vanaf|met|vanuit) \S|verstuurd vanaf \S|skickat från \S|sendt fra \S|lähetetty \S{1,30}(?:sta|stä)\b|wysłan[eo] z \S|odesláno z \S|отправлено (?:с|из) \S|发自我的|發自我的|.{1,20}から送信$|나의 .{1,20}에서 보냄|get outlook for \S|(?:holen sie sich )?outlook für (?:ios|android)|télécharge[rz]? outlook pour|obtener outlook para|scarica outlook per|download outlook (?:voor|for))/i
/** Prose begins alike ("Sent from the office, I …"); a line of a program is short and ends without a stop. */
const longestDeviceLine = 100

export function isDeviceLine(line: string): boolean {
  const words = line.trim()
  return words.length <= longestDeviceLine && !/[.!?,;]$/.test(words.replace(/\bwindows 1[01]$/i, '')) && deviceLine.test(words)
}

/** Names of attachments, made safe for every file system and unique within their mail; what they mean is kept. */

const longest = 200
/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
const extensions: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf', 'application/zip': 'zip', 'application/json': 'json', 'application/xml': 'xml', 'application/msword': 'doc', 'application/rtf': 'rtf',
  'application/vnd.ms-excel': 'xls', 'application/vnd.ms-powerpoint': 'ppt', 'application/ms-tnef': 'dat', 'application/pgp-signature': 'asc', 'application/pkcs7-signature': 'p7s',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx', 'application/x-pkcs7-signature': 'p7s',
  'text/plain': 'txt', 'text/html': 'html', 'text/calendar': 'ics', 'text/csv': 'csv', 'text/vcard': 'vcf', 'text/x-vcard': 'vcf', 'text/rfc822-headers': 'txt', 'text/xml': 'xml',
  'message/rfc822': 'eml', 'message/delivery-status': 'txt', 'message/disposition-notification': 'txt', 'message/feedback-report': 'txt',
  'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/svg+xml': 'svg', 'image/webp': 'webp', 'image/tiff': 'tif', 'image/bmp': 'bmp',
  'audio/mpeg': 'mp3', 'audio/wav': 'wav', 'video/mp4': 'mp4',
}

const types = new Map(Object.entries(extensions).toReversed().map(([type, extension]) => [extension, type]))
/** By its extension, for files that come without a type. */
export function typeOfName(name: string): string {
  const [, extension] = splitName(name)
  return types.get(extension.slice(1).toLowerCase()) ?? 'application/octet-stream'
}

/**
 * @param taken names given already, in lower case (file systems of Windows and macOS do not tell case apart); grows
 * @param number of the attachment in its mail, from 1
 */
export function safeFileName(raw: string, type: string, number: number, taken: Set<string>): string {
  const cleaned = clean(raw)
  const named = cleaned === '' ? `attachment-${number}.${extensions[type] ?? 'bin'}` : cleaned
  const [stem, extension] = splitName(named)
  let name = named
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${stem} (${count})${extension}`
  taken.add(name.toLowerCase())
  return name
}

function clean(raw: string): string {
  const name = raw
    .slice(0, 4000)
    .normalize('NFC')
    .toWellFormed()
    // Control characters, and marks that turn the reading direction: `cod.exe` must not be shown as `exe.doc`.
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    // What separates folders or means something to a shell or a file system.
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[\s.]+/, '')
  const short = shorten(name).replace(/[\s.]+$/, '')
  return reserved.test(short) ? `_${short}` : short
}

/** The extension stays: it says what the file is. */
function shorten(name: string): string {
  if (name.length <= longest) return name
  const [, extension] = splitName(name)
  return `${name.slice(0, longest - extension.length)}${extension}`.toWellFormed().replaceAll('\ufffd', '')
}

function splitName(name: string): [string, string] {
  const dot = name.lastIndexOf('.')
  return dot > 0 && name.length - dot <= 12 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
}

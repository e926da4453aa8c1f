/** The sandbox's IMAP commands: each answers what it found and returns its closing line without the tag. */
import type { ImapClient, Selected } from './imap-client.ts'
import { fetchRow } from './imap-fetch.ts'
import { readSearch } from './imap-search.ts'
import { listOf, readPath, setHolds, textOf, writePath, type Word } from './imap-words.ts'
import type { MailFolder, StoredMail } from './mailstore.ts'

type Words = readonly Word[]
type Answer = (client: ImapClient, words: Words) => Promise<string> | string

export async function answerCommand(client: ImapClient, name: string, words: Words): Promise<string> {
  const open = before[name]
  if (open !== undefined) return open(client, words)
  if (client.user === null) return 'NO Log in first'
  const known = within[name]
  if (known !== undefined) return known(client, words)
  const onMails = selecting[name]
  if (onMails === undefined) return 'BAD This server does not know that command'
  if (client.selected === null) return 'BAD Select a folder first'
  const result = await onMails(client, words, client.selected)
  // Numbers must not change under FETCH, STORE and SEARCH by number (RFC 3501 section 7.4.1); UID commands bear it.
  if (name.startsWith('UID ') || name === 'EXPUNGE') await client.tellChanges()
  return result
}

const before: Readonly<Record<string, Answer>> = {
  CAPABILITY: async (client) => { await client.send(`* CAPABILITY ${client.capabilities.join(' ')}\r\n`); return 'OK That is all' },
  ID: async (client) => { await client.send('* ID ("name" "Mailweave sandbox")\r\n'); return 'OK Nice to meet you' },
  NOOP: async (client) => { await client.tellChanges(); return 'OK Still here' },
  LOGOUT: async (client) => { await client.send('* BYE Until next time\r\n'); return 'OK Gone' },
  LOGIN: (client, words) => logIn(client, textOf(words[0]), textOf(words[1])),
  AUTHENTICATE: async (client, words) => {
    if (textOf(words[0]).toUpperCase() !== 'PLAIN') return 'NO Only PLAIN is spoken here'
    let given = textOf(words[1])
    if (given === '') { await client.send('+ \r\n'); given = await client.nextLine() }
    const [, user = '', password = ''] = Buffer.from(given, 'base64').toString('utf8').split('\0')
    return logIn(client, user, password)
  },
}

function logIn(client: ImapClient, user: string, password: string): string {
  if (!client.store.knows(user, password)) return 'NO [AUTHENTICATIONFAILED] The user name or the password is wrong'
  client.user = user
  return `OK [CAPABILITY ${client.capabilities.join(' ')}] Welcome`
}

const userOf = (client: ImapClient): string => client.user ?? ''
const folderOf = (client: ImapClient, word: Word | undefined): MailFolder | undefined => client.store.folder(userOf(client), readPath(textOf(word)))

const within: Readonly<Record<string, Answer>> = {
  ENABLE: async (client) => { await client.send('* ENABLED\r\n'); return 'OK Nothing to enable' },
  NAMESPACE: async (client) => { await client.send('* NAMESPACE (("" "/")) NIL NIL\r\n'); return 'OK One namespace' },
  LIST: (client, words) => list(client, words, 'LIST'),
  LSUB: (client, words) => list(client, words, 'LSUB'),
  SUBSCRIBE: () => 'OK All folders are subscribed',
  UNSUBSCRIBE: () => 'OK All folders are subscribed',
  CREATE: (client, words) => {
    if (folderOf(client, words[0]) !== undefined) return 'NO [ALREADYEXISTS] That folder is there'
    client.store.makeFolder(userOf(client), readPath(textOf(words[0])))
    return 'OK Made'
  },
  STATUS: async (client, words) => {
    const folder = folderOf(client, words[0])
    if (folder === undefined) return 'NO [NONEXISTENT] There is no such folder'
    const values: Readonly<Record<string, number>> = {
      MESSAGES: folder.mails.length, UIDNEXT: folder.uidNext, UIDVALIDITY: folder.uidValidity, RECENT: 0,
      UNSEEN: folder.mails.filter((mail) => !mail.flags.has('\\Seen')).length,
    }
    const asked = listOf(words[1]).map((word) => textOf(word).toUpperCase()).filter((item) => item in values)
    await client.send(`* STATUS ${writePath(folder.path)} (${asked.map((item) => `${item} ${values[item]}`).join(' ')})\r\n`)
    return 'OK Counted'
  },
  SELECT: (client, words) => select(client, words, false),
  EXAMINE: (client, words) => select(client, words, true),
  APPEND: (client, words) => {
    const folder = folderOf(client, words[0])
    if (folder === undefined) return 'NO [TRYCREATE] There is no such folder'
    const bytes = words.at(-1)
    if (!Buffer.isBuffer(bytes)) return 'BAD A literal is missing'
    const flags = words.slice(1, -1).flatMap((word) => (Array.isArray(word) ? word.map(textOf) : []))
    const uid = client.store.deliver(userOf(client), bytes, { folder: folder.path, flags })
    return `OK [APPENDUID ${folder.uidValidity} ${uid}] Put there`
  },
  IDLE: async (client) => {
    await client.send('+ waiting\r\n')
    await client.tellChanges()
    await client.nextLine()
    return 'OK Enough waited'
  },
}

async function list(client: ImapClient, words: Words, name: string): Promise<string> {
  const pattern = readPath(textOf(words.at(1)))
  if (pattern === '') { await client.send(`* ${name} (\\Noselect) "/" ""\r\n`); return 'OK That is the separator' }
  const matches = new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('%', '[^/]*')}$`, 'iu')
  for (const folder of client.store.folders(userOf(client))) {
    if (matches.test(folder.path)) await client.send(`* ${name} (\\HasNoChildren${folder.use === '' ? '' : ` ${folder.use}`}) "/" ${writePath(folder.path)}\r\n`)
  }
  return 'OK Those are the folders'
}

async function select(client: ImapClient, words: Words, readOnly: boolean): Promise<string> {
  const folder = folderOf(client, words[0])
  client.selected = null
  if (folder === undefined) return 'NO [NONEXISTENT] There is no such folder'
  client.selected = { folder, readOnly, view: [...folder.mails] }
  client.flagged.clear()
  const lines = [
    'FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)', `OK [PERMANENTFLAGS (${readOnly ? '' : '\\Seen \\Answered \\Flagged \\Deleted \\Draft \\*'})] Flags`,
    `${folder.mails.length} EXISTS`, '0 RECENT', `OK [UIDVALIDITY ${folder.uidValidity}] UIDs`, `OK [UIDNEXT ${folder.uidNext}] Next`,
  ]
  await client.send(lines.map((line) => `* ${line}\r\n`).join(''))
  return readOnly ? 'OK [READ-ONLY] Opened to read' : 'OK [READ-WRITE] Opened'
}

type OnMails = (client: ImapClient, words: Words, selected: Selected) => Promise<string> | string

const selecting: Readonly<Record<string, OnMails>> = {
  CLOSE: async (client, _, selected) => { await expunge(client, selected, () => true); client.selected = null; return 'OK Closed' },
  UNSELECT: (client) => { client.selected = null; return 'OK Closed' },
  CHECK: () => 'OK Checked',
  FETCH: (client, words, selected) => fetchMails(client, words, selected, false),
  'UID FETCH': (client, words, selected) => fetchMails(client, words, selected, true),
  SEARCH: (client, words, selected) => searchMails(client, words, selected, false),
  'UID SEARCH': (client, words, selected) => searchMails(client, words, selected, true),
  STORE: (client, words, selected) => storeFlags(client, words, selected, false),
  'UID STORE': (client, words, selected) => storeFlags(client, words, selected, true),
  COPY: (client, words, selected) => copyMails(client, words, selected, false),
  'UID COPY': (client, words, selected) => copyMails(client, words, selected, true),
  MOVE: (client, words, selected) => moveMails(client, words, selected, false),
  'UID MOVE': (client, words, selected) => moveMails(client, words, selected, true),
  EXPUNGE: async (client, _, selected) => { await expunge(client, selected, () => true); return 'OK Removed' },
  'UID EXPUNGE': async (client, words, selected) => {
    const holds = setHolds(textOf(words[0]), lastUid(selected))
    await expunge(client, selected, (mail) => holds(mail.uid))
    return 'OK Removed'
  },
}

const lastUid = (selected: Selected): number => selected.view.at(-1)?.uid ?? 0

function chosen(word: Word | undefined, selected: Selected, byUid: boolean): readonly (readonly [StoredMail, number])[] {
  const holds = setHolds(textOf(word), byUid ? lastUid(selected) : selected.view.length)
  return selected.view.flatMap((mail, index) => (holds(byUid ? mail.uid : index + 1) ? [[mail, index + 1] as const] : []))
}

const macros: Readonly<Record<string, readonly string[]>> = { ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'], FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'] }

async function fetchMails(client: ImapClient, words: Words, selected: Selected, byUid: boolean): Promise<string> {
  const asked = listOf(words[1]).map((word) => textOf(word).toUpperCase()).flatMap((item) => macros[item] ?? [item])
  const items = byUid && !asked.includes('UID') ? ['UID', ...asked] : asked
  const there = new Set(selected.folder.mails)
  for (const [mail, sequence] of chosen(words[0], selected, byUid)) if (there.has(mail)) await client.send(...fetchRow(mail, sequence, items))
  return 'OK Fetched'
}

async function searchMails(client: ImapClient, words: Words, selected: Selected, byUid: boolean): Promise<string> {
  const asks = readSearch(words, { uid: lastUid(selected), sequence: selected.view.length })
  if (asks === null) return 'BAD That can\'t be searched for'
  const found = selected.view.flatMap((mail, index) => (asks(mail, index + 1) ? [byUid ? mail.uid : index + 1] : []))
  await client.send(`* SEARCH${found.map((number) => ` ${number}`).join('')}\r\n`)
  return 'OK Searched'
}

async function storeFlags(client: ImapClient, words: Words, selected: Selected, byUid: boolean): Promise<string> {
  if (selected.readOnly) return 'NO The folder is open to read only'
  const [, sign = '', silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(words[1])) ?? []
  const flags = words.slice(2).flatMap(listOf).map(textOf)
  for (const [mail, sequence] of chosen(words[0], selected, byUid)) {
    if (sign === '') mail.flags.clear()
    for (const flag of flags) if (sign === '-') mail.flags.delete(flag); else mail.flags.add(flag)
    client.store.flagged(selected.folder, mail)
    client.flagged.delete(mail)
    if (silent === undefined) await client.send(...fetchRow(mail, sequence, byUid ? ['UID', 'FLAGS'] : ['FLAGS']))
  }
  return 'OK Stored'
}

function copyMails(client: ImapClient, words: Words, selected: Selected, byUid: boolean): string {
  const target = folderOf(client, words[1])
  if (target === undefined) return 'NO [TRYCREATE] There is no such folder'
  const pairs = chosen(words[0], selected, byUid).map(([mail]) =>
    [mail.uid, client.store.deliver(userOf(client), mail.bytes, { folder: target.path, flags: [...mail.flags], receivedAt: mail.receivedAt })] as const)
  return pairs.length === 0 ? 'OK Nothing to copy' : `OK [COPYUID ${target.uidValidity} ${pairs.map(([from]) => from).join(',')} ${pairs.map(([, to]) => to).join(',')}] Copied`
}

function moveMails(client: ImapClient, words: Words, selected: Selected, byUid: boolean): string {
  const uids = new Set(chosen(words[0], selected, byUid).map(([mail]) => mail.uid))
  const result = copyMails(client, words, selected, byUid)
  if (result.startsWith('OK')) client.store.remove(userOf(client), selected.folder, uids)
  return result
}

async function expunge(client: ImapClient, selected: Selected, among: (mail: StoredMail) => boolean): Promise<void> {
  if (selected.readOnly) return
  const uids = new Set(selected.folder.mails.filter((mail) => mail.flags.has('\\Deleted') && among(mail)).map((mail) => mail.uid))
  client.store.remove(userOf(client), selected.folder, uids)
  await client.tellChanges()
}

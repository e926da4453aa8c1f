/** What a value looks like: the trees shown in pickers and the types checked by the mapping checker. */
export type ShapeKind =
  | 'text' | 'html' | 'number' | 'boolean' | 'date' | 'address' | 'attachment' | 'object' | 'list' | 'any'

export interface Shape {
  readonly kind: ShapeKind
  /** For people; the path segment's name is the key it stands under. */
  readonly title: string
  readonly help?: string
  /** kind 'object', 'address', 'attachment'. */
  readonly fields?: Readonly<Record<string, Shape>>
  /** kind 'list'. */
  readonly of?: Shape
  readonly required?: boolean
  /** kind 'html': somebody outside wrote it, so it is made harmless before it goes into a mail of ours. */
  readonly foreign?: true
  /** kind 'text': may hold line breaks; all other texts are one line, as headers need it. */
  readonly multiline?: boolean
}

const text = (title: string, help?: string): Shape => ({ kind: 'text', title, ...(help ? { help } : {}) })
const flag = (title: string, help?: string): Shape => ({ kind: 'boolean', title, ...(help ? { help } : {}) })
const list = (title: string, of: Shape): Shape => ({ kind: 'list', title, of })

export const addressShape: Shape = {
  kind: 'address',
  title: 'Address',
  fields: { name: text('Name'), address: text('Address'), domain: text('Domain') },
}

export const attachmentShape: Shape = {
  kind: 'attachment',
  title: 'Attachment',
  fields: {
    name: text('File name'), type: text('Type'), size: { kind: 'number', title: 'Size in bytes' },
    disposition: text('Disposition'), cid: text('Content-ID'), sha256: text('SHA-256'),
  },
}

const headerShape: Shape = { kind: 'object', title: 'Header', fields: { name: text('Name'), value: text('Value') } }
const addresses = (title: string): Shape => list(title, addressShape)

const bounceShape: Shape = {
  kind: 'object',
  title: 'Bounce',
  help: 'Only in a bounce or a complaint',
  fields: {
    kind: text('Kind', 'failed, delayed, delivered, relayed, expanded or complaint'),
    recipients: list('Recipients', {
      kind: 'object', title: 'Recipient',
      fields: { address: text('Address'), action: text('What happened'), status: text('Status'), diagnostic: text('Reason'), remote: text('Refused by') },
    }),
    messageId: text('Message-ID of the mail sent'),
    arrivedAt: { kind: 'date', title: 'Mail sent at' },
    reporter: text('Reported by'),
  },
}

const inviteShape: Shape = {
  kind: 'object',
  title: 'Invitation',
  help: 'Only in mails with a calendar event',
  fields: {
    method: text('Method', 'REQUEST, CANCEL, REPLY …'),
    summary: text('Title'),
    start: { kind: 'date', title: 'Start' },
    end: { kind: 'date', title: 'End' },
    allDay: flag('Lasts whole days'),
    timeZone: text('Time zone'),
    location: text('Place'),
    description: text('Description'),
    organizer: { ...addressShape, title: 'Organizer' },
    attendees: list('Attendees', { kind: 'object', title: 'Attendee', fields: { name: text('Name'), address: text('Address'), status: text('Answer'), role: text('Role') } }),
    status: text('Status'),
    recurrence: text('Repeats'),
    uid: text('Event id'),
    sequence: { kind: 'number', title: 'Revision' },
  },
}

/** The mail model of mail.ts, as people pick from it. A test holds the two together. */
export const mailShape: Shape = {
  kind: 'object',
  title: 'Mail',
  fields: {
    subject: text('Subject'),
    from: { ...addressShape, title: 'From' },
    to: addresses('To'),
    cc: addresses('Cc'),
    bcc: addresses('Bcc'),
    replyTo: addresses('Reply to'),
    date: { kind: 'date', title: 'Date', help: 'Empty when the sender\'s date can\'t be read' },
    text: text('Text'),
    html: { kind: 'html', title: 'HTML', foreign: true },
    replyText: text('Reply text', 'The new part of a reply, without quoted text and signature'),
    quotedText: text('Quoted text'),
    signature: text('Signature'),
    attachments: list('Attachments', attachmentShape),
    messageId: text('Message-ID'),
    inReplyTo: text('In reply to'),
    references: list('References', text('Message-ID')),
    headers: list('Headers', headerShape),
    sender: { ...addressShape, title: 'Sender', help: 'Only when it differs from "From"' },
    fromAll: addresses('All from addresses'),
    receivedAt: { kind: 'date', title: 'Received at' },
    size: { kind: 'number', title: 'Size in bytes' },
    folder: text('Folder'),
    uid: text('Number in the folder'),
    flags: list('Flags', text('Flag')),
    connection: text('Connection'),
    auth: { kind: 'object', title: 'Sender checks', fields: { spf: text('SPF'), dkim: text('DKIM'), dmarc: text('DMARC'), by: text('Checked by') } },
    isAutoReply: flag('Is an automatic reply'),
    isBounce: flag('Is a bounce'),
    bounce: bounceShape,
    invite: inviteShape,
    isList: flag('Is from a mailing list'),
    textDerived: flag('Text was made from HTML'),
    ambiguousSender: flag('Sender is ambiguous'),
    dateRaw: text('Date as written'),
    truncated: list('Cut off by a limit', text('Part')),
  },
}

/** What happened to a mailbox (mailbox-event.ts). */
export const mailboxEventShape: Shape = {
  kind: 'object',
  title: 'Mailbox event',
  fields: {
    summary: text('Summary', 'One line, fit for a subject'),
    say: { ...text('Cause', 'What is wrong, in words'), multiline: true },
    event: text('Event', 'error, recovered or stopped'),
    connection: text('Connection'),
    folder: text('Folder'),
    code: text('Code'),
    since: { kind: 'date', title: 'Since' },
    repeats: { kind: 'number', title: 'Tries in vain' },
    lastSuccess: { kind: 'date', title: 'Last look that went well', help: 'Empty when there was none since the start' },
    at: { kind: 'date', title: 'Time' },
  },
}

/** What Send Email takes; the targets of a mapping in front of it. */
export const outgoingShape: Shape = {
  kind: 'object',
  title: 'Outgoing mail',
  fields: {
    to: { ...addresses('To'), required: true },
    subject: text('Subject'),
    text: { ...text('Text'), multiline: true },
    html: { kind: 'html', title: 'HTML' },
    attachments: list('Attachments', attachmentShape),
    cc: addresses('Cc'),
    bcc: addresses('Bcc'),
    replyTo: addresses('Reply to'),
    from: { ...addressShape, title: 'From' },
    sender: { ...addressShape, title: 'Sender', help: 'Who really sends, where that is not "From"' },
    returnPath: { ...addressShape, title: 'Address for bounces' },
    importance: text('Importance', 'high, normal or low'),
    listUnsubscribe: text('Unsubscribe links', 'https://… or mailto:…, several between commas'),
    inReplyTo: text('In reply to', 'Message-ID of the mail this one answers'),
    references: list('References', text('Message-ID')),
    headers: { kind: 'object', title: 'Headers', help: 'Own headers, e.g. headers.X-Ticket', fields: {} },
  },
}

/** One mail of a list of mails (mailbox-action.ts). */
const mailHeadFields: Readonly<Record<string, Shape>> = {
  uid: text('Number in the folder'), messageId: text('Message-ID'), subject: text('Subject'), from: { ...addressShape, title: 'From' },
  date: { kind: 'date', title: 'Date' }, receivedAt: { kind: 'date', title: 'Received at' }, size: { kind: 'number', title: 'Size in bytes' },
  unread: flag('Is unread'), flagged: flag('Is flagged'),
}

/** What the steps that work in a mailbox leave behind. */
export const foundShape: Shape = {
  kind: 'object',
  title: 'Found mails',
  fields: {
    count: { kind: 'number', title: 'How many there are', help: 'In the whole folder, also beyond those listed' },
    first: { kind: 'object', title: 'First mail', fields: mailHeadFields },
    mails: list('Mails', { kind: 'object', title: 'Mail', fields: mailHeadFields }),
    folder: text('Folder'),
  },
}
export const changedShape: Shape = {
  kind: 'object',
  title: 'Changed mail',
  fields: { done: flag('Was done', 'No when the mail was no longer there'), uid: text('Number in the folder'), folder: text('Folder'), target: text('Target folder') },
}
export const madeFolderShape: Shape = { kind: 'object', title: 'Folder', fields: { folder: text('Folder'), made: flag('Is new', 'No when it was there already') } }

/** What a send step leaves behind for later steps. */
export const sentShape: Shape = {
  kind: 'object',
  title: 'Sent mail',
  fields: {
    messageId: text('Message-ID'), accepted: list('Accepted', text('Address')), refused: list('Refused', text('Address')), answer: text('Server\'s answer'),
    leftOut: list('Left out', { kind: 'object', title: 'File', fields: { name: text('Name'), size: { kind: 'number', title: 'Size in bytes' }, reason: text('Reason') } }),
  },
}

export const runShape: Shape = {
  kind: 'object',
  title: 'Run',
  fields: { id: text('Run id'), time: { kind: 'date', title: 'Run time' }, version: { kind: 'number', title: 'Flow version' }, flow: text('Flow') },
}

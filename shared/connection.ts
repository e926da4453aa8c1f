/** A connection: one mail account on one server, made once and picked by many flows. */
import { z } from 'zod'
import { dkimSchema, type DnsRecord } from './dkim.ts'
import { connectionIdSchema } from './ids.ts'
import { logins, oauthSchema } from './oauth.ts'
import { sharingSchema, type Sharing } from './people.ts'
import { limitsSchema, noLimits } from './sending/pace.ts'

export const connectionKinds = ['imap', 'pop3', 'smtp'] as const
export const securities = ['tls', 'starttls', 'starttls-if-offered', 'none'] as const
export type ConnectionKind = (typeof connectionKinds)[number]
export type Security = (typeof securities)[number]
/** Older ones are retired (RFC 8996), and OpenSSL speaks them only with all its lower bounds on keys and digests taken away. */
export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof tlsVersions)[number]

/** How a line to the server is made safe, and how long it is waited for. */
export interface LineSettings {
  /** SHA-256 of the one certificate that is accepted, whatever its names, dates and signatures say; '' for the usual rules. */
  readonly pinned: string
  readonly checkHostName: boolean
  readonly minTls: TlsVersion
  /** In OpenSSL's words, parted by colons; '' for the usual ones. */
  readonly ciphers: string
  readonly timeoutSeconds: number
}
/** As nearly everybody leaves them; also of connections that were saved before these could be chosen. */
export const usualLine: LineSettings = { pinned: '', checkHostName: true, minTls: 'TLSv1.2', ciphers: '', timeoutSeconds: 20 }
/** Servers commonly stop at 100 mails (Exchange, Postfix' anvil counts); also of connections that were saved before this could be chosen. */
export const usualSending = { mailsPerConnection: 100, limits: noLimits } as const
/** A fingerprint as tools write it: with or without colons, in either case. */
const fingerprint = /^(?:(?:sha-?256[ :=]*)?[0-9a-f]{2}(?::?[0-9a-f]{2}){31})?$/i
/** 64 small hex digits, to compare by. */
export const plainFingerprint = (text: string): string => text.toLowerCase().replace(/^sha-?256/, '').replace(/[^0-9a-f]/g, '')

/** What PUT /api/connections/:id takes. `password`, `clientSecret` and `dkimKey` are write-only; leaving one out keeps the saved one. */
export const connectionInputSchema = z.object({
  id: connectionIdSchema,
  name: z.string().trim().min(1, 'Give the connection a name').max(120),
  description: z.string().max(2000).default(''),
  kind: z.enum(connectionKinds),
  host: z.string().trim().min(1, 'Name the server').max(253).regex(/^[A-Za-z0-9._:[\]-]+$/, 'A host name or an IP address, without "https://"'),
  port: z.number().int().min(1).max(65535),
  security: z.enum(securities),
  user: z.string().max(320).default(''),
  password: z.string().max(4096).optional(),
  /** `password` without a user logs in nowhere, as `none`. */
  login: z.enum(logins).default('password'),
  /** With `oauth2`: where tokens come from. */
  oauth: oauthSchema.nullable().default(null),
  clientSecret: z.string().max(4096).optional(),
  /** A mailbox other than the user's own that the user may open: a shared one; '' for the user's. */
  mailbox: z.string().trim().max(320).default(''),
  /** PEM of the server's own certificate or of its authority; works with both TLS kinds. */
  certificate: z.string().max(100_000).default(''),
  /** Host names whose certificate is accepted although its name differs, as JavaMail's ssl.trust. */
  trustedServers: z.array(z.string().max(253)).max(20).default([]),
  pinned: z.string().trim().max(120).regex(fingerprint, 'A SHA-256 fingerprint has 64 hexadecimal digits').default(usualLine.pinned),
  checkHostName: z.boolean().default(usualLine.checkHostName),
  minTls: z.enum(tlsVersions).default(usualLine.minTls),
  ciphers: z.string().trim().max(2000).regex(/^[A-Za-z0-9_:+!@=.-]*$/, 'Names of ciphers, parted by colons').default(usualLine.ciphers),
  /** Seconds to wait for the connection; an answer to a command is waited for three times as long. */
  timeoutSeconds: z.number().int().min(5, 'At least 5 seconds').max(120, 'At most 120 seconds').default(usualLine.timeoutSeconds),
  /** SMTP: connections kept open at once. */
  maxConnections: z.number().int().min(1).max(50).default(5),
  /** SMTP: mail is signed for this domain; null: it is not. */
  dkim: dkimSchema.nullable().default(null),
  /** PEM of the private key to sign with. */
  dkimKey: z.string().max(16_384).optional(),
  /** SMTP: mails over one connection before a fresh one. */
  mailsPerConnection: z.number().int().min(1, 'At least 1').max(10_000, 'At most 10,000').default(usualSending.mailsPerConnection),
  /** SMTP: mails that may leave. */
  limits: limitsSchema.default(usualSending.limits),
  /** Left out, it stays as it is; of a new one: everyone. */
  sharing: sharingSchema.optional(),
}).strict()

export type ConnectionInput = z.infer<typeof connectionInputSchema>
/** What comes back: everything but the secrets. */
export type Connection = Omit<ConnectionInput, 'password' | 'clientSecret' | 'dkimKey' | 'sharing'> & {
  readonly sharing: Sharing
  readonly hasPassword: boolean
  readonly hasClientSecret: boolean
  /** What must be published for the saved key to be trusted; null without one. */
  readonly dkimRecord: DnsRecord | null
  /** OAuth2: when somebody last signed in, or the app got its first token; null asks for it. */
  readonly signedInAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
  /** Made by the sandbox; read-only for people. */
  readonly sandbox: boolean
}

/** Usual ports (RFC 8314 section 7, RFC 6409), offered when kind or security is chosen. */
export const usualPorts: Record<ConnectionKind, Record<Security, number>> = {
  imap: { tls: 993, starttls: 143, 'starttls-if-offered': 143, none: 143 },
  pop3: { tls: 995, starttls: 110, 'starttls-if-offered': 110, none: 110 },
  smtp: { tls: 465, starttls: 587, 'starttls-if-offered': 587, none: 25 },
}

/** One line of the connection check, in the order it was done. */
export interface CheckLine {
  readonly step: CheckStep
  readonly state: 'ok' | 'failed' | 'skipped'
  /** What was found, or the cause. */
  readonly say: string
  /** What to do, in one sentence; '' when nothing is to be done. */
  readonly fix: string
  /** The fix as a change of the form, where it is one. */
  readonly apply: CheckFix | null
}
export type CheckStep = 'host' | 'port' | 'security' | 'offers' | 'login' | 'folder' | 'send'
/** In the order in which they are done. */
export const checkSteps = (kind: ConnectionKind): readonly CheckStep[] => ['host', 'port', 'security', 'offers', 'login', kind === 'smtp' ? 'send' : 'folder']
export interface CheckFix {
  /** For the button: "Use port 993 with TLS". */
  readonly label: string
  readonly change: { readonly host?: string; readonly port?: number; readonly security?: Security }
}
/** What the server showed; its own claims but the fingerprint. */
export interface SeenCertificate {
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly validFrom: string
  readonly validUntil: string
  /** SHA-256, as `pinned` takes it. */
  readonly fingerprint: string
  /** It was refused for its signature, name or dates: a person who knows the server may trust exactly this one. */
  readonly mayPin: boolean
}
export interface ConnectionCheck {
  readonly ok: boolean
  readonly lines: readonly CheckLine[]
  readonly certificate: SeenCertificate | null
  readonly ms: number
}

/** open: mail leaves; limited: what waits does so for the connection's limit; paused: its server is in trouble and tried again by itself. */
export type SenderState = 'open' | 'limited' | 'paused' | 'needs-attention'
/** An outgoing connection as people see it. */
export interface SenderStatus {
  readonly connection: string
  readonly state: SenderState
  /** What is wrong, in words; '' when nothing is. */
  readonly say: string
  /** Since when it is so; null: since the start. */
  readonly since: string | null
  /** When it goes on or is tried again; null: now, or when a person acts. */
  readonly nextTryAt: string | null
  /** The server's last words to a mail. */
  readonly lastAnswer: { readonly at: string; readonly say: string } | null
}

export type MailboxHealth =
  | 'connected' | 'polling' | 'idle' | 'backing-off' | 'needs-attention' | 'deaf' | 'paused' | 'stopped'

/** One watched mailbox as people see it. */
export interface MailboxStatus {
  readonly connection: string
  readonly folder: string
  readonly flows: readonly string[]
  readonly health: MailboxHealth
  /** What is wrong, in words; '' when nothing is. */
  readonly say: string
  readonly lastLookAt: string | null
  readonly lastMailAt: string | null
  readonly nextLookAt: string | null
  /** Mails that the last look was not allowed to take. */
  readonly waiting: number
  /** From a mail's arrival on the server to its run, of the newest mail that the last look with mail took; null where the server does not say when mail arrived. */
  readonly lagMs: number | null
  /** The newest trouble; `until` is null while it lasts. */
  readonly trouble: { readonly code: string; readonly say: string; readonly since: string; readonly repeats: number; readonly until: string | null } | null
  /** The watchdog's newest alarm: what it saw and what it did. */
  readonly alarm: { readonly at: string; readonly say: string } | null
  /** A person holds it back. */
  readonly paused: { readonly at: string; readonly by: string } | null
}

/** Every bound of the runtime with the reason for its value; what comes from outside is never trusted to be small. */

/** A mail above this is not fetched at all: Gmail and Exchange Online accept at most 35 to 150 MB; it stays in the mailbox. */
export const maxMailBytes = 100 * 1024 * 1024
/** Raw bytes up to here lie in the database and travel in memory; above, they are files (a 25 MB mail must cost no heap). */
export const inlineBytes = 256 * 1024
/** IMAP: mails fetched in one command; 50 amortises the round trip while a chunk stays under 1 MB of ordinary mail. */
export const fetchChunk = 50
/** IMAP: bytes of mails of one command that should be in memory at once; the next chunk is cut by the sizes seen in the last. */
export const fetchChunkBytes = 4 * 1024 * 1024
/** IMAP: a large mail comes in pieces of this size: 25 round trips for 25 MB, one piece in memory. */
export const fetchPieceBytes = 1024 * 1024
/** IMAP: one literal, one response, one line, tokens in one response. A SEARCH answer of 1 million UIDs has 8 MB; nothing we ask for is longer. */
export const imapWire = { literal: 4 * 1024 * 1024, response: 24 * 1024 * 1024, line: 16 * 1024 * 1024, tokens: 200_000 } as const
/** IMAP: UIDs named in one command; 250 scattered ones stay below the 8,000 octets a server must take (RFC 7162 section 4). */
export const imapUidsPerCommand = 250
/** IMAP: pause after the last command before IDLE begins; long enough that commands in a row need no DONE between them. */
export const imapIdleAfterMs = 20
/** IMAP: LOGOUT waits this long for the server's BYE. */
export const imapLogoutMs = 1000
/** Runs in the engine's hands at once: enough to keep the worker and 5 SMTP sessions busy, small enough to bound memory. */
export const runsInHand = 128
/** Raw bytes in the engine's hands at once. */
export const bytesInHand = 24 * 1024 * 1024
/** Crashes a mail may be party to before it is put aside (reliability F25). */
export const poisonAttempts = 3
/** Computing one run: parse, map, compose. A 25 MB mail takes about 1 s here; 20 s leaves room for a slow machine. */
export const computeMs = 20_000
/** A worker thread's heap. */
export const workerHeapMb = 160
/** MIME: nesting as Postfix's mime_nesting_limit, parts, header bytes and addresses as its header limits with room. */
export const mime = { depth: 100, parts: 1000, headerBytes: 1024 * 1024, addresses: 10_000, bodyChars: 8 * 1024 * 1024 } as const
/** IMAP and SMTP: connect, TLS and greeting together; one command's answer. RFC 5321 section 4.5.3.2 asks for 5 min per command and 10 min after the dot. */
export const connectMs = 20_000
export const imapCommandMs = 60_000
export const smtpCommandMs = 300_000
export const smtpDataDoneMs = 600_000
/** IDLE is renewed before 29 min (RFC 2177), and well before NAT tables forget (often 5 min). */
export const idleRenewMs = 4 * 60_000
/** Reconnect: first, most, and how long a connection must have lived before the wait starts small again. */
export const backoff = { firstMs: 1000, mostMs: 5 * 60_000, survivedMs: 5 * 60_000 } as const
/** Wrong password: tries before a person is asked (most providers lock an account after 5 to 10). */
export const loginTries = 3
/** A mailbox without a successful look for this long, or 3 intervals if longer, is deaf (reliability F28). */
export const deafMs = 5 * 60_000
/** Shutdown: what is in flight may finish within this; then it is left to recovery. */
export const shutdownMs = 10_000
/**
 * The ledger's SQLite. walPages: a checkpoint each 8 MB, so that hot index pages are written once for some 500 mails
 * while one checkpoint stays under 50 ms; cacheKb: holds the hot pages of the indexes, counts against 150 MB of process;
 * groupWrites: a commit holds the loop for some 10 ms at most; searchRows: rows one search step reads before others get
 * their turn (about 5 ms); textChars: subject and sender kept for lists, one line of RFC 5322 section 2.1.1.
 */
export const ledger = {
  busyMs: 5000, pageBytes: 4096, walPages: 2000, walKeepBytes: 16 * 1024 * 1024, cacheKb: 6 * 1024,
  groupWrites: 512, searchRows: 5000, pruneRows: 500, textChars: 998, pageRows: 200,
} as const

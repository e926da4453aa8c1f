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
export const imapWire = { literal: 4 * 1024 * 1024, response: 12 * 1024 * 1024, line: 8 * 1024 * 1024, tokens: 1_000_000 } as const
/** A mail that comes gets on while so many bytes come within the time of one answer (1 KB/s); with fewer the server dawdles. */
export const aliveBytes = 64 * 1024
/** IMAP: what a row may have around its mail's bytes: flags and keywords, date, size. */
export const imapRowBytes = 4096
/**
 * IMAP: news (EXISTS) between two commands or within one, far more than servers tell, who gather them; and how often it is measured
 * whether a command's answer has become longer than any answer may: a flood of small answers holds the loop.
 */
export const imapFlood = { news: 10_000, measureMs: 500 } as const
/** IMAP: a list of 20,000 folders; large companies' shared trees have some thousand, and a person picks from it. */
export const imapFoldersBytes = 1024 * 1024
/** IMAP: UIDs named in one command; 250 scattered ones stay below the 8,000 octets a server must take (RFC 7162 section 4). */
export const imapUidsPerCommand = 250
/** IMAP: heads asked for in one command, about 100 KB of answer. */
export const imapPrintsPerCommand = 1000
/**
 * Looks that ask only what changed. `few`: so many mails that match are asked for whole each time where the server does not
 * count its changes. A whole look at least this often catches what a server forgot to tell (RFC 3501 section 5.2 lets it).
 * `told`: changes remembered between two looks. `found`: UIDs of one answer, some MB.
 */
export const cheapLook = { few: 500, wholeMs: 60_000, countedWholeMs: 15 * 60_000, told: 1000, found: 1_000_000 } as const
/**
 * A folder under a new UIDVALIDITY is the same when this many known mails are in it, or this share of those that could be;
 * for this long afterwards fresh mails are compared too, since a restore of a large mailbox takes hours.
 */
export const rebuiltFolder = { enough: 20, share: 0.8, compareMs: 24 * 3600_000 } as const
/** POP3: mails whose heads are asked for in one turn, so that others get theirs. */
export const pop3PrintsTogether = 100
/** POP3 names under which another size is listed: mails fetched to be sure in one look; how many proofs that a server's sizes are estimates. */
export const reusedNames = { perLook: 20, liesEnough: 5 } as const
/** IMAP: pause after the last command before IDLE begins; long enough that commands in a row need no DONE between them. */
export const imapIdleAfterMs = 20
/** IMAP: LOGOUT waits this long for the server's BYE. */
export const imapLogoutMs = 1000
/**
 * POP3. line: RFC 2449 allows 512 octets an answer, servers' explanations and SASL questions stay below 12,288 (RFC 4954
 * section 4); offers: no server has a thousand capabilities; listing: UIDL of 200,000 mails with the longest names.
 */
export const pop3Wire = { line: 16 * 1024, offers: 64 * 1024, listing: 16 * 1024 * 1024 } as const
/** POP3: header bytes of one mail that a peek reads; long lists of recipients stay below. */
export const pop3HeadBytes = 256 * 1024
/** POP3: DELE commands sent in one go. */
export const pop3DeletesTogether = 100
/** POP3: QUIT without deletions is a courtesy. With deletions it is waited for like any answer, for it is what deletes. */
export const pop3QuitMs = 1_000
/** POP3: a session waits this long for the next thing to do; most servers let nobody else in meanwhile (RFC 1939 section 4). */
export const pop3LingerMs = 500
/** POP3: flows that look one after the other share one listing up to this age. */
export const pop3ListingMs = 400
/** Runs in the engine's hands at once: enough to keep the worker and 5 SMTP sessions busy, small enough to bound memory. */
export const runsInHand = 64
/** Raw bytes in the engine's hands at once. */
export const bytesInHand = 24 * 1024 * 1024
/**
 * Crashes a mail may be party to before it is put aside (reliability F25). Who dies with 127 others beside it is no
 * culprit yet: from `suspectAttempts` on it is computed alone and after all others, and it takes three deaths alone,
 * because a machine that is switched off again and again always finds some innocent mail at work.
 */
export const suspectAttempts = 2
export const poisonAttempts = suspectAttempts + 3
/** On a full disk, outcomes that must be written are offered to the ledger again this often: soon after somebody made room. */
export const insistMs = 2000
/** Computing one run: parse, map, compose. A 25 MB mail takes about 1 s here; 20 s leaves room for a slow machine. */
export const computeMs = 20_000
/** A worker thread's heap. */
export const workerHeapMb = 160
/**
 * MIME: nesting as Postfix's mime_nesting_limit, parts, header bytes and addresses as its header limits with room.
 * Texts: 4 MB are two thousand pages; much more, as one string at the worker's heap limit, ends the process and not the
 * worker alone (90 MB did). `bodyBytes` counts all text parts as encoded, `bodyChars` each text as decoded.
 */
export const mime = { depth: 100, parts: 1000, headerBytes: 1024 * 1024, addresses: 10_000, bodyChars: 4 * 1024 * 1024, bodyBytes: 4 * 1024 * 1024 } as const
/**
 * MIME: what is read of parts that tell about the mail itself. A report of a thousand recipients has 300 KB; of the mail
 * that came back only the headers count; calendars with pictures in their text reach 100 KB. winmail.dat is opened in
 * memory, beside the worker's heap: 16 MB is what Outlook's senders get through most servers.
 */
export const keptPartBytes = { report: 512 * 1024, original: 128 * 1024, calendar: 512 * 1024, tnef: 16 * 1024 * 1024 } as const
/** Attendees read of an invitation; Outlook stops at 500, Google at 200. */
export const inviteAttendees = 1000
/** winmail.dat: Outlook writes some 30 attributes and 100 properties a file; its RTF is the text of one mail. */
export const tnefMost = { attributes: 20_000, files: 1000, properties: 20_000, rtfBytes: 4 * 1024 * 1024 } as const
/** MIME: recipients told of one bounce; a list's bounce names each, and each costs a row on the screen. */
export const reportRecipients = 1000
/**
 * An answer is waited for this many times as long as the connection (20 s where nobody chose otherwise): servers look
 * the client's name up before they greet (30 s seen with broken reverse DNS), and a SEARCH over a full mailbox takes its time.
 */
export const answerWaits = 3
/** SMTP, from MAIL on: RFC 5321 section 4.5.3.2 asks for 5 min per command and 10 min after the dot, lest a mail be sent twice. */
export const smtpCommandMs = 300_000
export const smtpDataDoneMs = 600_000
/** IDLE is renewed before 29 min (RFC 2177), and well before NAT tables forget (often 5 min). */
export const idleRenewMs = 4 * 60_000
/**
 * Reconnect: first, most, and how long a connection must have lived before the wait starts small again. mailboxMostMs: to a
 * mailbox whose server does not answer at all. With a quarter of jitter it is 19 s: beside the 60 s for which an answer is waited
 * for, its mail is seen within 90 s of the server's return; 500 mailboxes of a dead server knock some 30 times a second.
 */
export const backoff = { firstMs: 1000, mostMs: 5 * 60_000, mailboxMostMs: 15_000, survivedMs: 5 * 60_000 } as const
/** Wrong password: tries before a person is asked (most providers lock an account after 5 to 10). */
export const loginTries = 3
/** A mailbox without a successful look for this long, or 3 intervals if longer, is deaf (reliability F28). */
export const deafMs = 5 * 60_000
/** Events of mailboxes that one handler is told in an hour, beside once an hour for each mailbox and kind: 500 mailboxes that fail together must not become 500 mails. */
export const handlerEventsAnHour = 20
/** Loop guard. flows: a mail that four flows have handled in a row goes round; servers: Received lines, of which Postfix bounces at 50 (hopcount_limit). */
export const loopHops = { flows: 3, servers: 50, remembered: 20 } as const
/**
 * Blast shield. mails, people, each: counted for a flow, twice its largest budget, some 2 MB for a flow that writes to 10,000
 * people a day. atOnceMs: an answer within a minute; rallies: the second in a row is a machine's. turns within turnsWithinMs:
 * answers to somebody who writes slower than that and still faster than a person reads.
 */
export const shieldCounts = { mails: 20_000, people: 10_000, each: 1000, atOnceMs: 60_000, rallies: 2, turns: 5, turnsWithinMs: 10 * 60_000 } as const
/** Shutdown: what is in flight may finish within this; then it is left to recovery. */
export const shutdownMs = 10_000
/** After that the outcomes are written and the ledger is closed; then the process ends whatever hangs. */
export const shutdownLastMs = 2_000
/**
 * The ledger's SQLite. pageBytes: with 8 KB pages mails of 2 to 3 KB leave less room unused (15 % smaller file than with
 * 4 KB, and less to write); checkpointGroups, checkpointBytes: so that hot index pages are written once for a
 * few hundred mails; walLongPages: a log of 12 MB is made to start over; walMostBytes: beyond it the main loop moves the log
 * itself, stall or not; checkpointHeapMb: the thread holds no rows; checkpointIdleMs: it
 * ends when no mail has passed for a while, and its memory with it; cacheKb: holds the hot pages of the indexes, counts against 150 MB of process;
 * groupWrites: a commit holds the loop for some 10 ms at most; restMs: at most 200 commits a second, each some 0.2 ms of
 * CPU whatever is in it; searchRows: rows one search step reads before others get
 * their turn (about 5 ms); askedUids: UIDLs asked about in one statement, some 2 ms; textChars: subject and sender kept for lists, one line of RFC 5322 section 2.1.1.
 */
export const ledger = {
  busyMs: 5000, pageBytes: 8192, checkpointGroups: 48, checkpointBytes: 4 * 1024 * 1024, walLongPages: 1500, walMostBytes: 32 * 1024 * 1024, checkpointHeapMb: 16, checkpointIdleMs: 20_000, walKeepBytes: 16 * 1024 * 1024, cacheKb: 4 * 1024,
  groupWrites: 512, restMs: 4, searchRows: 5000, askedUids: 500, pruneRows: 500, textChars: 998, pageRows: 200,
} as const
/** A flow of 200 nodes with 500 mapped rows each stays below 2 MB; the same bound as the API's bodies. */
export const draftBytes = 2 * 1024 * 1024
/** The flows folder is looked at once it has been quiet for this long: editors write, rename and touch within some 100 ms. */
export const draftSettleMs = 200
/**
 * The HTTP API. bodyBytes: see draftBytes; signInBytes: a token, from somebody unknown; tryBytes: a 25 MB attachment in
 * base64 with its mail around it; depth: the deepest flow has under 20 levels, and a parser's stack must not be the
 * guest's to fill; rawShownBytes: raw mail shown on the screen, more is for the download; sessionMs: a month; sockets:
 * browsers open 6 each; outboxRounds: looks into the outbox for a page of what is shared, each some 2 ms.
 */
export const api = {
  bodyBytes: draftBytes, signInBytes: 4096, tryBytes: 40 * 1024 * 1024, depth: 64, rawShownBytes: 512 * 1024, sessionMs: 30 * 24 * 3_600_000, sockets: 500,
  pageRows: 50, pageRowsMost: 200, outboxRounds: 50, peekMails: 20, peekMailsMost: 100,
  /** Wrong tokens per address: ten at once, then one each 6 s. Connection checks: ten at once, then one each 3 s, because each reaches out to a server someone typed. */
  signIn: { burst: 10, everyMs: 6000 }, checks: { burst: 10, everyMs: 3000 },
  /** Somebody who types asks less often than once a second; each search is a login of its own. */
  searches: { burst: 20, everyMs: 1000 }, bucketsKept: 1000, versionsKept: 1000,
} as const
/**
 * The live stream. gatherMs: faster than an eye blinks, slow enough that a burst of mails is one message; busy: above
 * this many runs in one go the next gathering takes busyMs; most: above this many a `reload` costs less than the list;
 * ring: what a reconnecting browser can catch up on; heartbeatMs: below the 30 s after which proxies drop silent streams;
 * lingerMs: the ring is kept filled this long after the last listener, so that a reloaded page misses nothing;
 * clientBytes: unsent bytes of one listener after which it is dropped.
 */
export const live = {
  gatherMs: 150, busyRuns: 50, busyMs: 1000, mostRuns: 400, ring: 1000, ringBytes: 4 * 1024 * 1024, heartbeatMs: 20_000, lingerMs: 60_000, clients: 50, clientBytes: 1024 * 1024,
} as const
/** SMTP: the slowest line that is waited for while a body goes out (Postfix' smtp_min_data_rate), on top of smtpCommandMs. */
export const smtpLeastBytesPerSecond = 500
/** Mails in a row to which a server falls silent, breaks off or says 421, after which it is left alone for a while: one may be its own fault. */
export const troublesToPause = 5
/** SMTP: a session without a mail is closed after this; servers close theirs after 5 min, and a slot kept is a slot others lack. */
export const smtpIdleMs = 10_000
/** SMTP: the goodbye is a courtesy; a server that does not answer QUIT is left. */
export const smtpQuitMs = 2_000
/** SMTP: after "too many connections" the pool stays smaller for this long, then grows by one each time. */
export const smtpCrowdedMs = 60_000
/** SMTP: bytes of one server reply; RFC 5321 allows 512 a line, EHLO answers and long explanations stay under 4 KiB. */
export const smtpReplyBytes = 64 * 1024
/** A mail whose words are edited is in memory twice for a moment; larger ones carry attachments that nobody edits here. */
export const editBytes = 10 * 1024 * 1024
/**
 * Decisions about many mails. together: they share one commit and hold the loop for some 10 ms; most and page: of one
 * request, which answers within a second or two and is then asked on.
 */
export const bulk = { together: 50, most: 500, page: 200 } as const
/** Characters of a server's answer that are kept for people. */
export const answerChars = 500
/**
 * Looks for a mail of which nobody knows whether it was sent: at once, and after each of these parts of the time after which
 * not found means not sent. They grow, because most servers file a mail within seconds.
 */
export const probeWaits: readonly number[] = [1 / 12, 3 / 12, 8 / 12]
/** Such a look also reads the heads of so many of the newest mails itself: some servers refuse to search headers, or find nothing. */
export const probeHeads = 300
/**
 * Copies of sent mail. waitsMs: before the next tries of one whose mailbox was out of reach, the last again and again;
 * giveUpMs: as long as the mail itself would be tried, so that a weekend's outage costs no copy; untried: copies known
 * to need no look before they are put.
 */
export const sentCopies = { waitsMs: [30_000, 120_000, 600_000, 1_800_000, 3_600_000], giveUpMs: 5 * 24 * 3_600_000, untried: 10_000 } as const
/** Recipients named in one line of a mail's history that a report brings; the others are counted. */
export const reportedShown = 5
/** The connection check as a whole: a person is watching. */
export const checkMs = 25_000
/**
 * Looking up the settings of an address: a person is watching. dnsMs: a resolver's own default is 5 s and four tries; webMs:
 * each round (two addresses at once), redirects included; fileBytes: the largest settings file of a public provider has
 * 10 KB; redirects: http to https and one to the provider; depth and elements: such a file is 5 deep and has some 100;
 * records: servers of one service that are looked at.
 */
export const autodetect = { ms: 15_000, dnsMs: 2_000, dnsTries: 2, webMs: 4_000, probeMs: 4_000, fileBytes: 256 * 1024, redirects: 3, depth: 32, elements: 2_000, records: 4 } as const
/** Attachments of one mail held in memory while its run is computed; more goes to scratch files. */
export const attachmentMemoryBytes = 1024 * 1024
/** The worker's young generation: 4 MB measured best of 2, 4 and 8 (main and worker 155 MB instead of 165 under 2,000 mails, and fastest). */
export const workerYoungMb = 4
/** The worker's stack: deep JSON and nested mails within the limits fit; Node's own default. */
export const workerStackMb = 4
/** A worker without work is stopped after this, which gives its memory back. */
export const workerIdleMs = 60_000
/** Tasks per message to the worker: amortises the crossing while the first result is not held back for long. */
export const batchTasks = 16
/** Bytes per message to the worker; the last task may exceed it. */
export const batchBytes = 4 * 1024 * 1024
/** Messages the worker has at once: one it works on, one that waits, so that it never idles for the main thread. */
export const batchesUnderway = 2
/** Flow versions the worker keeps; every try of a draft is one more, so they are forgotten together at this number. */
export const workerFlows = 200
/** The connection check: bytes of a server's first words; long lists of capabilities have some 2 KB. */
export const talkBytes = 64 * 1024
/** The connection check: how long another usual port is waited for; who answers at all does so within a second. */
export const otherPortMs = 3_000
/** The connection check: a server on a plain line that is silent this long is asked whether it waits for TLS; greeting delays against spam are shorter as a rule. */
export const greetingQuietMs = 3_000
/**
 * OAuth2. answerBytes: tokens of Microsoft have some 3 KB; signInMs: a password, a second factor and a consent page take
 * minutes, and an open state is a door; pending: sign-ins begun and not finished, more than a desk begins; aheadMs: a token
 * must outlive a slow login, and clocks differ by minutes; slowDownMs: RFC 8628 section 3.5; deviceMs: most a device code is
 * polled, whatever its server says.
 */
export const oauth = { answerBytes: 256 * 1024, requestMs: 20_000, signInMs: 10 * 60_000, pending: 20, aheadMs: 3 * 60_000, slowDownMs: 5000, deviceMs: 30 * 60_000 } as const
/**
 * Steps that work in a mailbox. retryMs: waits before the next tries of one that failed for a passing reason, a server's
 * restart and a provider's short outage; then the run fails with the cause. fetchBytes: a mail of 25 MB, the most that
 * usual providers take; answerChars: the JSON of one fetched mail in the ledger and in each pass. Visits are kept open
 * for keptMs, so that the runs of a burst share one login; sessions: most providers allow 10 to 15 connections an
 * account, and the watchers have theirs; after a failed opening all who ask are told the same for restMs, and after a
 * refused login for loginRestMs, because most providers lock an account after 5 to 10 tries.
 */
export const actions = {
  retryMs: [5_000, 30_000, 120_000, 600_000], fetchBytes: 25 * 1024 * 1024, answerChars: 1024 * 1024,
  keptMs: 10_000, sessions: 3, openMs: 30_000, restMs: 2_000, loginRestMs: 15 * 60_000,
} as const

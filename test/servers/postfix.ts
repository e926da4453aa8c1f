/**
 * A throw-away Postfix on loopback: own configuration, queue and certificate, ports the system gave; it takes mail as a
 * provider's submission server does and relays all of it to one port. Needs root and Debian's postfix package.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { authority } from './certificates.ts'
import { freePorts, untilListening } from './ports.ts'

export interface Postfix {
  /** Plain with STARTTLS. */
  readonly smtp: number
  /** TLS from the start. */
  readonly smtps: number
  /** The authority that signed the certificate for localhost, PEM. */
  readonly ca: string
  readonly folder: string
  log(): Promise<string>
  stop(): Promise<void>
}

const run = promisify(execFile)
const binary = '/usr/sbin/postfix'
/** Asked for by `describe.skipIf`; with CI set a missing Postfix fails instead of being skipped. */
export const hasPostfix = (): boolean => {
  const there = existsSync(binary) && process.getuid?.() === 0
  if (!there && process.env['CI']) throw new Error('Postfix is missing: run "npm run test:setup" as root')
  return there
}

/** `relayTo`: the port everything goes to. `sasl`: Dovecot's authentication port; then a login is needed, and only over TLS. */
export async function postfix(options: { readonly relayTo: number; readonly sasl?: number }): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), 'mailweave-postfix-'))
  await chmod(folder, 0o755)
  for (const name of ['conf', 'spool', 'data']) await mkdir(join(folder, name))
  const owner = await run('id', ['-u', 'postfix'])
  await chown(join(folder, 'data'), Number(owner.stdout), -1)
  const ca = authority()
  const pair = ca.issue(['DNS:localhost', 'IP:127.0.0.1'])
  await writeFile(join(folder, 'server.pem'), pair.cert)
  await writeFile(join(folder, 'server.key'), pair.key, { mode: 0o600 })
  const [smtp = 0, smtps = 0] = await freePorts(2)
  await writeFile(join(folder, 'conf', 'main.cf'), mainConfig(folder, options))
  await writeFile(join(folder, 'conf', 'master.cf'), masterConfig(smtp, smtps))
  const control = (...command: readonly string[]): Promise<unknown> => run(binary, ['-c', join(folder, 'conf'), ...command])
  // Makes the queue's folders with the owners Postfix insists on; it grumbles about manual pages that are not there.
  await control('set-permissions', 'create-missing').catch(() => {})
  const server = spawn(binary, ['-c', join(folder, 'conf'), 'start-fg'], { stdio: 'ignore' })
  const log = (): Promise<string> => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => 'no log')
  const stop = async (): Promise<void> => {
    const gone = server.exitCode === null ? new Promise((resolve) => { server.once('exit', resolve) }) : null
    await control('stop').catch(() => { server.kill('SIGTERM') })
    await gone
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const port of [smtp, smtps]) await untilListening(port, server)
  } catch (error) {
    const told = await log()
    await stop()
    throw new Error(told, { cause: error })
  }
  return { smtp, smtps, ca: ca.cert, folder, log, stop }
}

const mainConfig = (folder: string, { relayTo, sasl }: { readonly relayTo: number; readonly sasl?: number }): string => `
compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = ${folder}
maillog_file = ${folder}/postfix.log
myhostname = mail.test.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
smtputf8_enable = yes
disable_dns_lookups = yes
smtpd_peername_lookup = no
default_transport = smtp:[127.0.0.1]:${relayTo}
smtp_tls_security_level = none
smtpd_tls_cert_file = ${folder}/server.pem
smtpd_tls_key_file = ${folder}/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
message_size_limit = 52428800
smtpd_recipient_restrictions =
${sasl === undefined ? 'smtpd_relay_restrictions = permit' : `smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${sasl}
smtpd_sasl_security_options = noanonymous`}
`

const masterConfig = (smtp: number, smtps: number): string => `
127.0.0.1:${smtp} inet n - n - 50 smtpd
127.0.0.1:${smtps} inet n - n - 50 smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

/**
 * A throw-away Dovecot on loopback: own configuration, own certificate, ports the system gave, mail in a temporary
 * folder. Needs root and Debian's dovecot packages; `test/setup.ts` installs them.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dovecotConfig, dovecotTokens, type DovecotPorts } from './dovecot-config.ts'
import { freePorts, untilListening } from './ports.ts'

export interface Dovecot extends DovecotPorts {
  readonly folder: string
  /** The authority that signed the server's certificate, PEM. */
  readonly ca: string
  readonly password: string
  /** A user of this name with an empty mailbox. */
  addUser(user: string): Promise<void>
  put(user: string, bytes: Uint8Array, folder?: string): Promise<void>
  /** Flags of the folder's mails, oldest first, \Recent left out, sorted. */
  flagsOf(user: string, folder?: string): Promise<readonly (readonly string[])[]>
  /** A Dovecot administration command. */
  admin(...command: readonly string[]): Promise<string>
  stop(): Promise<void>
}

const run = promisify(execFile)
const binary = '/usr/sbin/dovecot'
/** Asked for by `describe.skipIf`; with CI set a missing Dovecot fails instead of being skipped. */
export const hasDovecot = (): boolean => {
  const there = existsSync(binary) && process.getuid?.() === 0
  if (!there && process.env['CI']) throw new Error('Dovecot is missing: run "npm run test:setup" as root')
  return there
}

/** `introspectionUrl`: logins by OAuth2 are offered, and tokens asked about there. */
export async function dovecot({ introspectionUrl = '' }: { readonly introspectionUrl?: string } = {}): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'mailweave-dovecot-'))
  await chmod(folder, 0o755)
  const owner = await ownerOf('mail')
  for (const name of ['mail', 'home', 'run', 'state']) await mkdir(join(folder, name))
  await mkdir(join(folder, 'public'))
  for (const name of ['mail', 'home', 'public']) await chown(join(folder, name), owner.uid, owner.gid)
  const ca = await makeCertificate(folder)
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0, lmtp = 0, sasl = 0] = await freePorts(6)
  const ports = { imap, imaps, pop3, pop3s, lmtp, sasl }
  const config = join(folder, 'dovecot.conf')
  const password = 'pw'
  await writeFile(config, dovecotConfig(folder, ports, password, introspectionUrl !== ''))
  // May open everybody's mailbox, as somebody with a shared one may.
  await writeFile(join(folder, 'masters'), `boss:{PLAIN}${password}\n`)
  await writeFile(join(folder, 'oauth2.conf'), dovecotTokens(introspectionUrl))
  const server = spawn(binary, ['-F', '-c', config], { stdio: 'ignore' })
  try {
    for (const port of Object.values(ports)) await untilListening(port, server)
  } catch (error) {
    await stopped(server)
    throw new Error(await readFile(join(folder, 'dovecot.log'), 'utf8').catch(() => 'no log'), { cause: error })
  }
  const admin = async (...command: readonly string[]): Promise<string> => (await run('doveadm', ['-c', config, ...command], { maxBuffer: 64 * 1024 * 1024 })).stdout
  let count = 0

  return {
    ...ports, folder, ca, password, admin,
    addUser: async (user) => { for (const name of ['', 'new', 'cur', 'tmp']) await mine(join(folder, 'mail', user, name), owner) },
    put: async (user, bytes, path) => {
      count += 1
      // Maildir's own rule: written beside, renamed into new/; Dovecot numbers them by the time in the name.
      const name = `${1_760_000_000 + count}.M1P${count}.test`
      const beside = join(folder, 'mail', user, 'tmp', name)
      await writeFile(beside, bytes)
      await chown(beside, owner.uid, owner.gid)
      if (path === undefined) return rename(beside, join(folder, 'mail', user, 'new', name))
      await admin('mailbox', 'create', '-u', user, path).catch(() => {})
      await admin('save', '-u', user, '-m', path, beside)
      await rm(beside)
    },
    flagsOf: async (user, path = 'INBOX') => {
      const listed = await admin('-f', 'tab', 'fetch', '-u', user, 'uid flags', 'mailbox', path, 'all')
      return listed.trim().split('\n').slice(1).map((line) => (line.split('\t')[1] ?? '').split(' ').filter((flag) => flag !== '' && flag !== '\\Recent').toSorted())
    },
    stop: async () => {
      await stopped(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function mine(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  await mkdir(path, { recursive: true })
  await chown(path, owner.uid, owner.gid)
}

async function ownerOf(name: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

/** An authority and a certificate of its for localhost; returns the authority. */
async function makeCertificate(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name)
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=Test authority', '-addext', 'basicConstraints=critical,CA:TRUE', '-keyout', at('ca.key'), '-out', at('ca.pem')])
  await run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost', '-keyout', at('server.key'), '-out', at('server.csr')])
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n')
  await run('openssl', ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '30', '-extfile', at('names'), '-out', at('server.pem')])
  return readFile(at('ca.pem'), 'utf8')
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const gone = new Promise((resolve) => { server.once('exit', resolve) })
  server.kill('SIGTERM')
  await gone
}

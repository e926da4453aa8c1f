/**
 * Brings what the real-server and browser tests need: on Debian as root the missing packages are installed, never
 * starting a service of the system. Elsewhere it says plainly what is missing and which suites count as skipped; with
 * CI set a missing one is a failure.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'

interface Need { readonly name: string; readonly packages: readonly string[]; readonly files: readonly string[]; readonly suites: string }

const needs: readonly Need[] = [
  { name: 'Dovecot', packages: ['dovecot-core', 'dovecot-imapd', 'dovecot-pop3d', 'dovecot-lmtpd'], files: ['/usr/sbin/dovecot', '/usr/lib/dovecot/imap', '/usr/lib/dovecot/pop3', '/usr/lib/dovecot/lmtp'], suites: 'receiving from a real server' },
  { name: 'Postfix', packages: ['postfix'], files: ['/usr/sbin/postfix', '/usr/lib/postfix/sbin/smtpd'], suites: 'sending through a real server' },
  { name: 'OpenSSL', packages: ['openssl'], files: ['/usr/bin/openssl'], suites: 'TLS with certificates of its own' },
  { name: 'strace', packages: ['strace'], files: ['/usr/bin/strace'], suites: 'system calls that fail' },
  { name: 'Python', packages: ['python3-dkim'], files: ['/usr/bin/python3', '/usr/lib/python3/dist-packages/dkim/__init__.py'], suites: 'mails and signatures read by a second pair of eyes' },
  { name: 'Chromium', packages: ['chromium'], files: ['/usr/bin/chromium'], suites: 'the editor in a browser' },
  { name: 'a font', packages: ['fonts-dejavu-core'], files: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'], suites: 'the editor in a browser' },
]

const missing = (): readonly Need[] => needs.filter((need) => !need.files.every((file) => existsSync(file)))

function main(): number {
  if (missing().length === 0) return 0
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) install(missing().flatMap((need) => need.packages))
  const left = missing()
  for (const need of left) process.stdout.write(`Missing: ${need.name} (Debian: apt-get install ${need.packages.join(' ')}). Skipped: ${need.suites}.\n`)
  return left.length > 0 && process.env['CI'] ? 1 : 0
}

/** Debian asks this script before a package starts its service; 101 means no (Debian policy, invoke-rc.d). */
const policy = '/usr/sbin/policy-rc.d'

function install(packages: readonly string[]): void {
  process.stdout.write(`Installing for the tests: ${packages.join(' ')}\n`)
  const kept = `${policy}.mailweave-kept`
  const had = existsSync(policy)
  if (had) renameSync(policy, kept)
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    const wanted = ['install', '-y', '--no-install-recommends', ...packages]
    // The lists may be old or not there at all: then they are fetched, and once more.
    if (!apt(wanted, false)) { apt(['update'], true); apt(wanted, true) }
  } finally {
    rmSync(policy, { force: true })
    if (had) renameSync(kept, policy)
  }
}

function apt(args: readonly string[], loud: boolean): boolean {
  const done = spawnSync('/usr/bin/apt-get', ['-q', ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, encoding: 'utf8' })
  if (done.status !== 0 && loud) process.stdout.write(`apt-get ${args[0] ?? ''}: ${(done.stderr || done.stdout || String(done.error)).trim().split('\n').slice(-3).join(' ')}\n`)
  return done.status === 0
}

process.exitCode = main()

/** Throw-away certificates by the openssl command: an authority, and servers signed by it or by themselves, right or wrong as asked. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KeyPair { readonly key: string; readonly cert: string }
/** Already over, or not begun; else from now on for 30 days. */
export interface Validity { readonly expired?: boolean; readonly early?: boolean }
export interface Authority extends KeyPair {
  /** A server certificate for these names (DNS:… or IP:…), signed by this authority. */
  issue(names: readonly string[], options?: Validity): KeyPair
}

export function authority(): Authority {
  const own = selfSigned(['DNS:ca.test'], { authority: true })
  return { ...own, issue: (names, options = {}) => withFolder((folder) => issue(folder, own, names, options)) }
}

/** Signed by itself; not an authority unless asked. */
export function selfSigned(names: readonly string[], options: { readonly authority?: boolean } = {}): KeyPair {
  return withFolder((folder) => {
    const constraints = options.authority === true ? 'critical,CA:TRUE' : 'critical,CA:FALSE'
    openssl(folder, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', `/CN=${commonName(names)}`,
      '-addext', `subjectAltName=${names.join(',')}`, '-addext', `basicConstraints=${constraints}`, '-keyout', 'key.pem', '-out', 'cert.pem'])
    return readPair(folder)
  })
}

function issue(folder: string, by: KeyPair, names: readonly string[], { expired, early }: Validity): KeyPair {
  writeFileSync(join(folder, 'ca.pem'), by.cert)
  writeFileSync(join(folder, 'ca.key'), by.key)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'ca.cnf'), [
    '[ca]', 'default_ca = own', '[own]', 'database = index.txt', 'new_certs_dir = .', 'rand_serial = yes', 'default_md = sha256', 'policy = any', 'x509_extensions = server', 'unique_subject = no',
    '[any]', 'commonName = supplied', '[server]', `subjectAltName = ${names.join(',')}`, 'extendedKeyUsage = serverAuth', 'basicConstraints = CA:FALSE', '',
  ].join('\n'))
  openssl(folder, ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${commonName(names)}`, '-keyout', 'key.pem', '-out', 'request.pem'])
  const dates = expired === true ? ['-startdate', '20200101000000Z', '-enddate', '20210203000000Z'] : early === true ? ['-startdate', '20490101000000Z', '-enddate', '20491231000000Z'] : ['-days', '30']
  openssl(folder, ['ca', '-batch', '-notext', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', ...dates, '-in', 'request.pem', '-out', 'cert.pem'])
  return readPair(folder)
}

const commonName = (names: readonly string[]): string => (names[0] ?? 'nobody').replace(/^(DNS|IP):/, '')
const readPair = (folder: string): KeyPair => ({ key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') })
const openssl = (folder: string, args: readonly string[]): void => { execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' }) }

function withFolder<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'mailweave-certs-'))
  try {
    return run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Which addresses a connection may reach: judged after the name was looked up, on the very address that is connected to. */
import { BlockList, isIP, isIPv6 } from 'node:net'

export interface HostPolicy {
  /** `host` as the person wrote it, `address` as it was resolved. */
  permits(host: string, address: string, port?: number): boolean
}

/** No mail server lives there, and a cloud machine's keys do: link-local, metadata services, "this host", multicast. */
const never = blockList([
  '0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'fe80::/10', 'fec0::/10', 'ff00::/8',
  '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32', 'fd00:ec2::/64', 'fd20:ce::/64', 'fd00:c1::/64',
  // Teredo (RFC 4380) carries an IPv4 address too, in disguise.
  '2001::/32',
])
const loopback = blockList(['127.0.0.0/8', '::1/128'])
/** Loopback and private networks (RFC 1918, 4193, 6598), and those of protocols and measurements (RFC 6890, 2544). */
const near = blockList(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '192.0.0.0/24', '198.18.0.0/15', '::1/128', 'fc00::/7'])

/**
 * Loopback and private addresses are free while the product itself is bound to loopback (whoever can reach it is on
 * this machine already); otherwise only those in `allowed`: host names, addresses or networks (10.1.0.0/16). `ownPorts`: servers of this very
 * process on loopback (the sandbox), which are open to it wherever it listens.
 */
export function makeHostPolicy(options: { readonly loopbackBound: boolean; readonly allowed: readonly string[]; readonly ownPorts?: ReadonlySet<number> }): HostPolicy {
  const names = new Set(options.allowed.map((entry) => entry.trim().toLowerCase()))
  const networks = blockList([...names].filter((name) => isIP(name.split('/')[0] ?? '') !== 0))
  return {
    permits(host, address, port) {
      const real = foldAddress(address)
      if (real === null || holds(never, real)) return false
      if (!holds(near, real) || options.loopbackBound) return true
      if (holds(loopback, real) && port !== undefined && options.ownPorts?.has(port)) return true
      return names.has(host.toLowerCase()) || holds(networks, real)
    },
  }
}

export function isLoopbackAddress(address: string): boolean {
  const real = foldAddress(address)
  return real !== null && holds(loopback, real)
}

/**
 * The IPv4 address that an IPv6 form carries (v4-mapped, v4-compatible, SIIT's ::ffff:0:0:0/96, NAT64 64:ff9b::/96 of
 * RFC 6052 and 64:ff9b:1::/48 of RFC 8215, 6to4), or the
 * address itself; null when it is no address. Without it 64:ff9b::7f00:1 would be a way round the policy.
 */
export function foldAddress(address: string): string | null {
  const bare = address.split('%')[0] ?? ''
  if (!isIPv6(bare)) return isIP(bare) === 4 ? bare : null
  const words = ipv6Words(bare)
  const [a, b, c, d, e, f, g, h] = words
  if (a === undefined || b === undefined || c === undefined || g === undefined || h === undefined) return null
  const middleZero = c === 0 && d === 0 && e === 0
  const mapped = a === 0 && b === 0 && middleZero && (f === 0xffff || (f === 0 && (g !== 0 || h > 1)))
  const translated = a === 0 && b === 0 && c === 0 && d === 0 && e === 0xffff && f === 0
  const nat64 = a === 0x64 && b === 0xff9b && ((middleZero && f === 0) || c === 1)
  if (mapped || translated || nat64) return dotted(g, h)
  if (a === 0x2002) return dotted(b, c)
  return bare
}

const dotted = (high: number, low: number): string => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`

function ipv6Words(address: string): readonly number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
    `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`)
  const [head = '', tail] = hex.split('::')
  const front = hexWords(head)
  if (tail === undefined) return front
  const back = hexWords(tail)
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
}

const hexWords = (part: string): readonly number[] => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))

const holds = (list: BlockList, address: string): boolean => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

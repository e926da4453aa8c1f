/** What a POP3 server offers (CAPA, RFC 2449). A server that knows no CAPA is old, not broken: then nothing is known. */
import { pop3Wire } from '#runtime/limits.ts'
import type { Session } from './session.ts'

export interface Offers {
  /** false: the server does not tell, so what it can do is found out by trying. */
  readonly known: boolean
  /** Capability tags in upper case: TOP, UIDL, STLS, USER, PIPELINING … */
  readonly names: ReadonlySet<string>
  /** SASL mechanisms in upper case (RFC 5034). */
  readonly sasl: ReadonlySet<string>
  /** Seconds that a server wants between two logins; 0 for none. */
  readonly loginDelay: number
}

/** For use inside a turn. */
export async function askOffers(session: Session): Promise<Offers> {
  const names = new Set<string>()
  const sasl = new Set<string>()
  let loginDelay = 0
  const { ok } = await session.command('CAPA')
  if (!ok) return { known: false, names, sasl, loginDelay }
  await session.wire().lines(pop3Wire.offers, (line) => {
    const [name = '', ...words] = line.trim().toUpperCase().split(/ +/)
    if (name === '') return
    names.add(name)
    if (name === 'SASL') for (const word of words) sasl.add(word)
    if (name === 'LOGIN-DELAY' && /^\d{1,6}$/.test(words[0] ?? '')) loginDelay = Number(words[0])
  })
  return { known: true, names, sasl, loginDelay }
}

/** Whether it is worth trying. */
export const mayOffer = ({ known, names }: Offers, name: string): boolean => !known || names.has(name)

/** Fits an envelope to what the server can take: each address once, and addresses beyond ASCII only where SMTPUTF8 is offered (RFC 6531). */
import { domainToASCII } from 'node:url'
import type { Features } from './connect.ts'
import type { Envelope, RecipientOutcome } from './sender.ts'

export interface FitEnvelope {
  readonly envelope: Envelope
  /** Recipients this server cannot be given at all. */
  readonly refused: readonly RecipientOutcome[]
  /** Outcomes in the order and spelling of the first envelope. */
  merge(outcomes: readonly RecipientOutcome[]): readonly RecipientOutcome[]
}

const ascii = /^[\x21-\x7e]*$/
const same = (outcomes: readonly RecipientOutcome[]): readonly RecipientOutcome[] => outcomes

/** `headIsAscii`: no address in the mail's own headers is beyond ASCII. */
export function fitEnvelope(envelope: Envelope, features: Features, headIsAscii: boolean): FitEnvelope {
  if (!headIsAscii && !features.extensions.includes('SMTPUTF8')) return { envelope: { ...envelope, to: [] }, refused: envelope.to.map((address) => refusal(address, inHead)), merge: same }
  const plain = ascii.test(envelope.from) && envelope.to.every((address) => ascii.test(address))
  if (plain && new Set(envelope.to).size === envelope.to.length) return { envelope, refused: [], merge: same }
  const international = features.extensions.includes('SMTPUTF8')
  const wire = new Map(envelope.to.map((address) => [address, international ? address : asciiForm(address)]))
  const from = international ? envelope.from : asciiForm(envelope.from)
  const to = from === null ? [] : [...new Set(wire.values())].filter((address) => address !== null)
  return {
    envelope: { ...envelope, from: from ?? '', to },
    refused: envelope.to.filter((address) => from === null || wire.get(address) === null).map((address) => refusal(address)),
    merge(outcomes) {
      const told = new Map(outcomes.map((one) => [one.address, one]))
      return envelope.to.map((address) => {
        const outcome = told.get(wire.get(address) ?? '')
        return outcome === undefined ? refusal(address) : { ...outcome, address }
      })
    },
  }
}

const inHead = 'and one stands in the headers of this mail: '
const refusal = (address: string, why = ''): RecipientOutcome =>
  ({ address, state: 'refused', answer: `5.6.7 The server does not take addresses beyond ASCII (${why}it offers no SMTPUTF8).` })

/** The domain as A-labels; null when the part before the @ is beyond ASCII, which only SMTPUTF8 can carry. */
function asciiForm(address: string): string | null {
  if (ascii.test(address)) return address
  const cut = address.lastIndexOf('@')
  const domain = domainToASCII(address.slice(cut + 1))
  return cut > 0 && domain !== '' && ascii.test(address.slice(0, cut)) ? `${address.slice(0, cut)}@${domain}` : null
}

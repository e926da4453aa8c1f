/** A certificate's fingerprint as people compare it: pairs in capitals, parted by colons. */
import { plainFingerprint } from '#shared/connection.ts'

export const sayFingerprint = (fingerprint: string): string => plainFingerprint(fingerprint).toUpperCase().replace(/(..)(?=.)/g, '$1:')

/** The certificate a server showed, for a person to compare with what its owner says; only then is it trusted, by their click. */
import { Button } from '@mantine/core'
import type { SeenCertificate } from '#shared/connection.ts'
import { Fold } from '../ui/fold.tsx'
import css from './connections.module.css'
import { sayFingerprint } from './fingerprint.ts'
import { focusCheck } from './focus-check.ts'

export interface ShownCertificateProps {
  readonly certificate: SeenCertificate
  /** null where the form may not be changed. */
  readonly onTrust: ((fingerprint: string) => void) | null
}
export function ShownCertificate({ certificate, onTrust }: ShownCertificateProps) {
  const { subject, issuer, names, validFrom, validUntil, fingerprint, mayPin } = certificate
  return (
    <div className={css['shown']}>
      <Fold title="The certificate it showed" aside={`until ${dayOf(validUntil)}`} open={mayPin}>
        <dl>
          <dt>Made for</dt><dd><bdi>{names.join(', ') || subject}</bdi></dd>
          <dt>Signed by</dt><dd><bdi>{issuer === subject ? 'itself' : issuer}</bdi></dd>
          <dt>Valid</dt><dd>{dayOf(validFrom)} to {dayOf(validUntil)}</dd>
          <dt>SHA-256</dt><dd><code>{sayFingerprint(fingerprint)}</code></dd>
        </dl>
        {mayPin && onTrust && (
          <>
            <p>Trust it only if you know this server, and its owner names the same SHA-256. Then this certificate is accepted and no other.</p>
            <Button size="compact-sm" variant="default" onClick={(event) => { focusCheck(event.currentTarget); onTrust(fingerprint) }}>Trust exactly this certificate</Button>
          </>
        )}
      </Fold>
    </div>
  )
}

const dayOf = (iso: string): string => (iso === '' ? 'unknown' : iso.slice(0, 10))

/** The connection check as a list that ticks line by line: each with its cause, what to do, and a button where one click does it. */
import { Button, Loader } from '@mantine/core'
import { Check, Minus, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { checkSteps, type CheckLine, type CheckStep, type ConnectionCheck, type ConnectionKind } from '#shared/connection.ts'
import { sayDuration } from '../ui/formats.ts'
import css from './connections.module.css'
import type { ConnectionForm } from './draft.ts'
import { focusCheck } from './focus-check.ts'
import { ShownCertificate } from './shown-certificate.tsx'

const stepWords: Record<CheckStep, string> = {
  host: 'Server found', port: 'Port answers', security: 'Encryption', offers: 'Abilities', login: 'Login', folder: 'Mailbox opens', send: 'May send',
}

export interface CheckListProps {
  readonly kind: ConnectionKind
  /** null while it runs. */
  readonly check: ConnectionCheck | null
  /** The form was changed since. */
  readonly stale: boolean
  /** Changes the form as a fix says; null where it may not be changed. */
  readonly onApply: ((change: Partial<ConnectionForm>) => void) | null
}
export function CheckList({ kind, check, stale, onApply }: CheckListProps) {
  const place = useRef<HTMLElement>(null)
  // It stands below a long form: whoever asked for it sees it, when it starts and when it is done.
  useEffect(() => { place.current?.scrollIntoView({ block: check === null ? 'end' : 'nearest' }) }, [check])
  const apply = stale ? null : onApply
  return (
    <section ref={place} tabIndex={-1} className={css['check']} aria-live="polite" aria-busy={check === null} data-stale={stale || undefined}>
      <h3>{check === null ? 'Checking…' : check.ok ? 'Everything works' : 'This does not work yet'}
        <span>{stale ? 'before your last change' : check && sayDuration(check.ms)}</span>
      </h3>
      <ul>
        {check === null
          ? checkSteps(kind).map((step) => <li key={step} data-state="waiting"><Loader size={13} color="gray" /><b>{stepWords[step]}</b></li>)
          : check.lines.map((line, index) => <Line key={line.step} line={line} delayMs={index * 110} onApply={apply} />)}
      </ul>
      {check?.certificate && <ShownCertificate certificate={check.certificate} onTrust={apply && ((pinned) => { apply({ pinned }) })} />}
    </section>
  )
}

function Line({ line, delayMs, onApply }: { readonly line: CheckLine; readonly delayMs: number; readonly onApply: CheckListProps['onApply'] }) {
  const { step, state, say, fix, apply } = line
  return (
    <li data-state={state} style={{ animationDelay: `${delayMs}ms` }}>
      <Mark state={state} /><b>{stepWords[step]}</b>
      <div>
        <span className={css['cause']}>{say}</span>
        {fix !== '' && <span className={css['fix']}>{fix}</span>}
        {apply && onApply && <Button size="compact-sm" variant="light" onClick={(event) => { focusCheck(event.currentTarget); onApply(apply.change) }}>{apply.label}</Button>}
      </div>
    </li>
  )
}

function Mark({ state }: { readonly state: CheckLine['state'] }) {
  switch (state) {
    case 'ok': return <Check size={15} aria-label="works" />
    case 'failed': return <X size={15} aria-label="failed" />
    case 'skipped': return <Minus size={15} aria-label="not tried" />
  }
}

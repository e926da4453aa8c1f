/** The connection check as a list that ticks line by line, each with its cause; what could not be tried says so. */
import { Loader } from '@mantine/core'
import { Check, Minus, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { CheckLine, ConnectionCheck, ConnectionKind } from '#shared/connection.ts'
import { sayDuration } from '../ui/formats.ts'
import css from './connections.module.css'

const stepWords: Record<CheckLine['step'], string> = {
  host: 'Server found', port: 'Port answers', security: 'Encryption', login: 'Login', folder: 'Mailbox opens', send: 'May send',
}
const stepsOf = (kind: ConnectionKind): readonly CheckLine['step'][] =>
  kind === 'smtp' ? ['host', 'port', 'security', 'login', 'send'] : ['host', 'port', 'security', 'login', 'folder']

export interface CheckListProps {
  readonly kind: ConnectionKind
  /** null while it runs. */
  readonly check: ConnectionCheck | null
  /** The form was changed since. */
  readonly stale: boolean
}
export function CheckList({ kind, check, stale }: CheckListProps) {
  const place = useRef<HTMLElement>(null)
  // It stands below a long form: whoever asked for it sees it, when it starts and when it is done.
  useEffect(() => { place.current?.scrollIntoView({ block: check === null ? 'end' : 'nearest' }) }, [check])
  return (
    <section ref={place} className={css['check']} aria-live="polite" aria-busy={check === null} data-stale={stale || undefined}>
      <h3>{check === null ? 'Checking…' : check.ok ? 'Everything works' : 'This does not work yet'}
        <span>{stale ? 'before your last change' : check && sayDuration(check.ms)}</span>
      </h3>
      <ul>
        {check === null
          ? stepsOf(kind).map((step) => <li key={step} data-state="waiting"><Loader size={13} color="gray" /><b>{stepWords[step]}</b></li>)
          : check.lines.map((line, index) => (
            <li key={line.step} data-state={line.state} style={{ animationDelay: `${index * 110}ms` }}>
              <Mark state={line.state} /><b>{stepWords[line.step]}</b><span>{line.say}</span>
            </li>
          ))}
      </ul>
    </section>
  )
}

function Mark({ state }: { readonly state: CheckLine['state'] }) {
  switch (state) {
    case 'ok': return <Check size={15} aria-label="works" />
    case 'failed': return <X size={15} aria-label="failed" />
    case 'skipped': return <Minus size={15} aria-label="not tried" />
  }
}

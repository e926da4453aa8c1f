/** How long the server is waited for, and how much is asked of one that mails are sent by; folded away, since the usual fits nearly everybody. */
import { Button, NumberInput } from '@mantine/core'
import { usualSending } from '#shared/connection.ts'
import { sayLimits } from '#shared/sending/pace.ts'
import { providerLimit } from '#shared/sending/provider-limits.ts'
import { providerOfServer } from '#shared/providers.ts'
import { Fold } from '../ui/fold.tsx'
import { LimitInputs } from '../ui/limit-inputs.tsx'
import { Note } from '../ui/note.tsx'
import css from './connections.module.css'
import type { ConnectionForm } from './draft.ts'
import type { FieldsProps } from './form-field.ts'

export function LimitFields(props: FieldsProps) {
  const { form, readOnly, problems, onChange } = props
  const trouble = problems.maxConnections ?? problems.timeoutSeconds ?? problems.mailsPerConnection ?? problems.limits
  return (
    <Fold title="Limits" aside={sayForm(form)} open={trouble !== undefined}>
      <div className={css['foldFields']}>
        <NumberInput
          label="Seconds to wait for the server" description="For the connection; for an answer three times as long." min={5} max={120} clampBehavior="none" allowDecimal={false} allowNegative={false}
          value={form.timeoutSeconds} error={problems.timeoutSeconds} readOnly={readOnly} onChange={(value) => { onChange({ timeoutSeconds: typeof value === 'number' ? value : '' }) }}
        />
        {form.kind === 'smtp' && <SendingFields {...props} />}
      </div>
    </Fold>
  )
}

function SendingFields({ form, readOnly, problems, onChange }: FieldsProps) {
  const offered = providerLimit(providerOfServer(form.host.trim())?.id ?? '')
  const isSet = offered !== null && sayLimits(form.limits) === sayLimits(offered.limits)
  return (
    <>
      <div className={css['twoColumns']}>
        <NumberInput label="Connections at once" min={1} max={50} allowDecimal={false} value={form.maxConnections} error={problems.maxConnections} readOnly={readOnly} onChange={(value) => { onChange({ maxConnections: typeof value === 'number' ? value : 1 }) }} />
        <NumberInput label="Mails over one connection" min={1} max={10_000} clampBehavior="none" allowDecimal={false} allowNegative={false} value={form.mailsPerConnection} error={problems.mailsPerConnection} readOnly={readOnly} onChange={(value) => { onChange({ mailsPerConnection: typeof value === 'number' ? value : '' }) }} />
      </div>
      <LimitInputs title="At most so many mails" limits={form.limits} error={problems.limits} readOnly={readOnly} onChange={(limits) => { onChange({ limits }) }} />
      {offered !== null && !isSet && (
        <Note tone="quiet" actions={readOnly ? undefined : <Button size="xs" variant="default" onClick={() => { onChange({ limits: offered.limits }) }}>Set {sayLimits(offered.limits)}</Button>}>
          {offered.say} What is over a limit waits here instead of being refused there.
        </Note>
      )}
    </>
  )
}

function sayForm({ kind, timeoutSeconds, maxConnections, mailsPerConnection, limits }: ConnectionForm): string {
  const sending = [
    `at most ${maxConnections} at once`, ...(mailsPerConnection === usualSending.mailsPerConnection || mailsPerConnection === '' ? [] : [`${mailsPerConnection} mails each`]),
    ...(sayLimits(limits) === '' ? [] : [sayLimits(limits)]),
  ]
  return [`waits ${timeoutSeconds} s`, ...(kind === 'smtp' ? sending : [])].join(', ')
}

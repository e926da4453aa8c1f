/** The mail as it would go out, made of the sample mail while the rows are edited; it stands last, so its growing moves nothing. */
import { Paperclip } from 'lucide-react'
import type { FlowNode } from '#shared/flow.ts'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import type { Mapped } from '#shared/mapping/evaluate.ts'
import type { Mail } from '#shared/mail.ts'
import { modeOf } from '#shared/sending/mode.ts'
import { outgoingShape } from '#shared/shape.ts'
import { useDesk } from '../store/desk.ts'
import { Fold } from '../ui/fold.tsx'
import { sayShort } from '../ui/value-view.tsx'
import css from './mapper.module.css'
import { previewFields } from './preview-fields.ts'

/** Enough of a text to see what it is; the whole is for Try. */
const shownText = 4000

export function OutgoingPreview({ mapped, next, filled, mail }: { readonly mapped: Mapped; readonly next: FlowNode | null; readonly filled: JsonObject; /** The sample. */ readonly mail: Mail | null }) {
  const { connections } = useDesk()
  const fields = previewFields(mapped, next, filled, mail, connections?.map(({ user }) => user) ?? [])
  const comes = sayOriginal(next)
  const body = fields.find((field) => field.name === 'text') ?? fields.find((field) => field.name === 'html')
  const { attachments, headers } = mapped.value
  const files = Array.isArray(attachments) ? (attachments as readonly Json[]) : []
  return (
    <div className={css['preview']}>
      <Fold title="What will be sent" aside={fields.some((field) => field.name === 'html') ? 'text and HTML' : 'from this mail'} open>
        <article className={css['letter']} aria-label="The mail as it would go out">
          <dl className={css['letterFacts']}>
            {fields.filter((field) => field.name !== 'text' && field.name !== 'html').map((field) => (
              <div key={`${field.name} ${field.from}`}>
                <dt>{outgoingShape.fields?.[field.name]?.title ?? field.name}</dt>
                <dd data-subject={field.name === 'subject' || undefined}><bdi>{sayShort(field.value, 300)}</bdi>{field.from !== 'mapped' && <span className={css['hint']}>{field.from === 'form' ? ' typed in the next step' : ' from the mail'}</span>}</dd>
              </div>
            ))}
            {isJsonObject(headers ?? null) && Object.entries(headers as Readonly<Record<string, Json>>).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{sayShort(value, 200)}</dd></div>) /* isJsonObject has told */}
          </dl>
          {body
            ? <div className={css['letterText']} dir="auto">{typeof body.value === 'string' ? body.value.slice(0, shownText) : sayShort(body.value, shownText)}</div>
            : comes === '' && <p className={css['hint']}>No text: neither a row nor the next step fills it.</p>}
          {comes !== '' && <p className={css['hint']}>{comes}</p>}
          {files.length > 0 && (
            <ul className={css['files']} aria-label="Attachments">
              {files.slice(0, 20).map((file, at) => <li key={at}><Paperclip size={12} aria-hidden="true" /><bdi>{sayShort(file, 60)}</bdi></li>)}
              {files.length > 20 && <li>and {files.length - 20} more</li>}
            </ul>
          )}
        </article>
      </Fold>
    </div>
  )
}

/** What the next step adds of the mail itself; '' for nothing. */
function sayOriginal(next: FlowNode | null): string {
  const config = next?.config ?? {}
  switch (modeOf(config)) {
    case 'new': return ''
    case 'forward': return config['forwardAs'] === 'attachment' ? 'The mail itself is attached as a file.' : 'Below it stands the mail itself, with its attachments.'
    case 'reply': case 'reply-all':
      if (config['quote'] === 'none') return ''
      return config['quote'] === 'inline' ? 'Above it stands the mail that is answered, each line marked with ">".' : 'Below it stands the mail that is answered.'
  }
}

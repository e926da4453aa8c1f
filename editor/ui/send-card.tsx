/** One mail of the outbox: its state, each receiver with the server's answer, its history, and the mail itself on request. */
import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import { sayRefusal } from '#shared/refusal.ts'
import type { Recipient, SendView, SentCopy } from '#shared/run.ts'
import { useConnectionName, useSendMail } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { Fold } from './fold.tsx'
import { sayCount, saySize } from './formats.ts'
import { Loading } from './loading.tsx'
import { MailView } from './mail-view.tsx'
import { Moment } from './moment.tsx'
import { ErrorNote } from './note.tsx'
import { Dot, Pill } from './pill.tsx'
import css from './send-card.module.css'
import { copyWords, eventWords, sendWords } from './states.ts'

export interface SendCardProps {
  readonly send: SendView
  /** Where it stands in the page's outline. */
  readonly heading: 'h2' | 'h4'
  /** Under the heading: where it belongs, what can be decided. */
  readonly children?: ReactNode
}
export function SendCard({ send, heading: Heading, children }: SendCardProps) {
  const [open, setOpen] = useState(false)
  const mail = useSendMail(send.id, open)
  const words = sendWords[send.state]
  const connectionName = useConnectionName()
  return (
    <article className={css['card']}>
      <header className={css['head']}>
        <div>
          <Heading dir="auto" title={send.subject}>{send.subject || '(no subject)'}</Heading>
          <p>from <bdi>{send.from}</bdi> via <bdi>{connectionName(send.connection)}</bdi>{`, ${saySize(send.size)}`}{send.attempts > 1 && `, ${sayCount(send.attempts, 'attempt')}`}</p>
        </div>
        <Pill tone={words.tone}>{words.say}</Pill>
      </header>
      {children}
      {send.copy && <CopyLine copy={send.copy} />}
      {send.state === 'deferred' && send.nextAttemptAt && <p className={css['next']}>Next try <Moment at={send.nextAttemptAt} as="until" /></p>}
      <ul className={css['recipients']} aria-label="Receivers">
        {send.recipients.slice(0, 50).map((recipient) => (
          <li key={recipient.address}>
            <Dot tone={sendWords[recipient.state].tone} />
            <bdi>{recipient.address}</bdi>
            <span>{refusalOf(recipient)}{recipient.answer || sendWords[recipient.state].say}</span>
          </li>
        ))}
        {send.recipients.length > 50 && <li>and {send.recipients.length - 50} more</li>}
      </ul>
      <div className={css['folds']}>
        {send.history.length > 0 && (
          <Fold title="History of the sending" aside={sayCount(send.history.length, 'event')} open={send.history.some((event) => event.what === 'resent' || event.what === 'bounced')}>
            <ol className={css['history']}>
              {send.history.map((event, index) => (
                <li key={index} data-tone={eventWords[event.what].tone}><Moment at={event.at} /><span><b>{eventWords[event.what].say}{event.by !== undefined && <> by <bdi>{event.by}</bdi></>}</b>{event.say !== '' && <> {event.say}</>}{event.run && <> <Link href={paths.run(event.run)}>Show that mail</Link></>}</span></li>
              ))}
            </ol>
            <p className={css['messageId']}>Message-ID {send.messageId}</p>
          </Fold>
        )}
        <Button variant="subtle" size="compact-xs" aria-expanded={open} onClick={() => { setOpen(!open) }}>{open ? 'Hide the mail' : 'Show the mail as it goes out'}</Button>
      </div>
      {open && mail.isPending && <Loading what="the mail" />}
      {open && mail.error && <ErrorNote error={mail.error} onRetry={mail.refetch} />}
      {open && mail.data && <div className={css['mail']}><MailView mail={mail.data.mail} raw={mail.data.raw} rawHref={`/api/outbox/${encodeURIComponent(send.id)}/raw`} partsHref={`/api/outbox/${encodeURIComponent(send.id)}/attachments`} /></div>}
      {send.history.length === 0 && <p className={css['messageId']}>Message-ID {send.messageId}</p>}
    </article>
  )
}

function CopyLine({ copy }: { readonly copy: SentCopy }) {
  const mailbox = useConnectionName()(copy.connection)
  const place = <><bdi>{mailbox}</bdi>{copy.folder !== '' && <> / <bdi>{copy.folder}</bdi></>}</>
  return (
    <p className={css['copy']}>
      <Dot tone={copyWords[copy.state].tone} />
      <span>{copyWords[copy.state].say} {place}{copy.say !== '' && `: ${copy.say}`}{copy.state === 'waiting' && copy.say !== '' && <> Next try <Moment at={copy.at} as="until" /></>}</span>
    </p>
  )
}

/** In plain words, where the code says more than that it was refused; the server's own follow. */
function refusalOf({ state, answer }: Recipient) {
  const plain = state === 'refused' || state === 'bounced' || state === 'deferred' ? sayRefusal(answer) : ''
  return plain === '' ? null : <><b>{plain}</b> </>
}

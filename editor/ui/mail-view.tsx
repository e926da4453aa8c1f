/** A mail as a mail: who, to whom, when, what; text first, html only on request and harmless, headers and raw bytes beside it. */
import { SegmentedControl } from '@mantine/core'
import { Download, ImageOff, Paperclip } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Mail, MailAddress } from '#shared/mail.ts'
import { saySize, sayWholeTime } from './formats.ts'
import { MailMarks, MailNotes } from './mail-facts.tsx'
import css from './mail-view.module.css'
import { makeSafeHtml } from './safe-html.ts'
import { usePictures } from './use-pictures.ts'

type Face = 'text' | 'html' | 'headers' | 'raw'

export interface MailViewProps {
  readonly mail: Mail
  /** The raw bytes as text, shown under "Raw". */
  readonly raw?: string
  /** Where the raw bytes can be downloaded. */
  readonly rawHref?: string
  /** Where its attachments are given out, each under its place: `/api/runs/x/attachments`. */
  readonly partsHref?: string
}

export function MailView({ mail, raw, rawHref, partsHref = '' }: MailViewProps) {
  const [face, setFace] = useState<Face>('text')
  const faces = [
    { value: 'text', label: 'Text' },
    ...(mail.html === '' ? [] : [{ value: 'html', label: 'HTML' }]),
    { value: 'headers', label: 'Headers' },
    ...(raw === undefined ? [] : [{ value: 'raw', label: 'Raw' }]),
  ]
  return (
    <article className={css['mail']}>
      <div className={css['head']}>
        <h3 dir="auto">{mail.subject || '(no subject)'}</h3>
        <dl className={css['facts']}>
          <Line label="From" people={mail.fromAll.length > 0 ? mail.fromAll : [mail.from]} />
          <Line label="To" people={mail.to} />
          <Line label="Cc" people={mail.cc} />
          <Line label="Bcc" people={mail.bcc} />
          <Line label="Reply to" people={mail.replyTo} />
          <div><dt>Date</dt><dd>{mail.date ? sayWholeTime(mail.date) : mail.dateRaw || 'not given'}</dd></div>
          <MailMarks mail={mail} />
        </dl>
      </div>
      <MailNotes mail={mail} />
      <div className={css['bar']}>
        <SegmentedControl size="xs" data={faces} value={face} aria-label="Show the mail as" onChange={(value) => { setFace(value as Face) /* one of faces */ }} />
        <span className={css['size']}>{saySize(mail.size)}</span>
        {rawHref && <a className={css['link']} href={rawHref} download><Download size={14} aria-hidden="true" />.eml</a>}
      </div>
      <Body face={face} mail={mail} raw={raw ?? ''} partsHref={partsHref} />
      {mail.attachments.length > 0 && (
        <ul className={css['attachments']} aria-label="Attachments">
          {mail.attachments.map((one, at) => (
            <li key={one.ref || one.name} title={one.type}>
              <Paperclip size={13} aria-hidden="true" />{partsHref === '' ? <bdi>{one.name}</bdi> : <a href={`${partsHref}/${at}`} download={one.name}><bdi>{one.name}</bdi></a>}<span>{saySize(one.size)}</span>
            </li>
          ))}
        </ul>
      )}
      {mail.truncated.length > 0 && <p className={css['cut']}>Cut off by a limit: {mail.truncated.join(', ')}. The bytes are kept whole.</p>}
    </article>
  )
}

function Line({ label, people }: { readonly label: string; readonly people: readonly MailAddress[] }) {
  const known = people.filter((one) => one.address !== '' || one.name !== '')
  if (known.length === 0) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {known.slice(0, 20).map((one, index) => (
          <span key={`${one.address} ${index}`} className={css['person']}>
            {one.name !== '' && <bdi>{one.name}</bdi>} <span data-quiet={one.name !== '' || undefined}>{one.address}</span>
          </span>
        ))}
        {known.length > 20 && <span className={css['person']}>and {known.length - 20} more</span>}
      </dd>
    </div>
  )
}

function Body({ face, mail, raw, partsHref }: { readonly face: Face; readonly mail: Mail; readonly raw: string; readonly partsHref: string }) {
  switch (face) {
    case 'html': return <Html mail={mail} partsHref={partsHref} />
    case 'headers':
      return (
        <dl className={css['headers']}>
          {mail.headers.map((header, index) => <div key={index}><dt>{header.name}</dt><dd>{header.value}</dd></div>)}
        </dl>
      )
    case 'raw': return <pre className={css['raw']} aria-label="Raw mail">{raw}</pre>
    case 'text':
      return mail.text === ''
        ? <p className={css['none']}>This mail has no text{mail.html === '' ? '' : ', only HTML'}.</p>
        : <div className={css['text']} dir="auto" aria-label="Text of the mail">{mail.text}</div>
  }
}

function Html({ mail, partsHref }: { readonly mail: Mail; readonly partsHref: string }) {
  const pictures = usePictures(mail, partsHref)
  const safe = useMemo(() => makeSafeHtml(mail.html, pictures), [mail, pictures])
  return (
    <>
      {safe.remotePictures > 0 && (
        <p className={css['cut']}><ImageOff size={14} aria-hidden="true" />{safe.remotePictures === 1 ? '1 picture was' : `${safe.remotePictures} pictures were`} not loaded from the internet, so the sender does not learn that you looked.</p>
      )}
      <iframe className={css['frame']} title="HTML of the mail" sandbox="" srcDoc={safe.document} referrerPolicy="no-referrer" />
    </>
  )
}

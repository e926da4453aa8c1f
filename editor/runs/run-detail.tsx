/** One run in full: what went wrong first, then the mail, the steps, what was sent, and what became of the mail in its mailbox. */
import { Button } from '@mantine/core'
import { Download, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { RunView } from '#shared/api.ts'
import { isJsonObject, textOr } from '#shared/json.ts'
import { useConnectionName, useRun, useRunMail } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { Fold } from '../ui/fold.tsx'
import { sayCount, sayDuration, saySize } from '../ui/formats.ts'
import { Loading } from '../ui/loading.tsx'
import { MailView } from '../ui/mail-view.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { Pill } from '../ui/pill.tsx'
import { SendCard } from '../ui/send-card.tsx'
import { runWords, settleWords } from '../ui/states.ts'
import { ReplayDialog } from './replay-dialog.tsx'
import css from './run-detail.module.css'
import { senderOf, subjectOf } from './run-words.ts'
import { RunTimeline } from './run-timeline.tsx'
import { RunTrouble } from './run-trouble.tsx'

export function RunDetail({ id, onChoose }: { readonly id: string; readonly onChoose: (id: string) => void }) {
  const { data: run, error, isPending, refetch } = useRun(id)
  const connectionName = useConnectionName()
  const barred = useMay('deploy')
  const [replaying, setReplaying] = useState(false)
  if (isPending) return <Loading what="the run" rows={6} />
  if (error) return <div className={css['pad']}><ErrorNote error={error} onRetry={refetch} /></div>
  if (run.hidden) return <div className={css['detail']}><HiddenRun run={run} name={connectionName(run.mail.connection)} /></div>
  return (
    <div className={css['detail']}>
      <header className={css['head']}>
        <div className={css['title']}>
          <h2 dir="auto" title={subjectOf(run)}>{subjectOf(run)}</h2>
          <p><bdi>{senderOf(run, connectionName)}</bdi> · <Moment at={run.queuedAt} /> · <Link href={paths.flow(run.flow)}>{run.flowName}</Link> v{run.version}</p>
        </div>
        <Pill tone={runWords[run.state].tone}>{runWords[run.state].say}{run.finishedAt !== null && run.durationMs !== null && ` in ${sayDuration(run.durationMs)}`}</Pill>
        <Button variant="default" size="xs" leftSection={<RotateCw size={14} aria-hidden="true" />} {...barred} onClick={() => { setReplaying(true) }}>Replay…</Button>
      </header>
      <RunTrouble run={run} />
      <section>
        <h3>{run.start === 'event' ? 'What happened' : 'The mail'}</h3>
        {run.start === 'event' ? <HeardEvent run={run} /> : <ReceivedMail run={run} />}
      </section>
      <section>
        <h3>Steps</h3>
        <RunTimeline run={run} />
      </section>
      {run.sends.length > 0 && <section><h3>What was sent</h3>{run.sends.map((send) => <SendCard key={send.id} send={send} heading="h4" />)}</section>}
      {run.start === 'mail' && <Settle run={run} />}
      <ReplayDialog run={run} opened={replaying} onClose={() => { setReplaying(false) }} onReplayed={onChoose} />
    </div>
  )
}

function HiddenRun({ run, name }: { readonly run: RunView; readonly name: string }) {
  return (
    <>
      <header className={css['head']}>
        <div className={css['title']}>
          <h2>{subjectOf(run)}</h2>
          <p><Moment at={run.queuedAt} /> · <Link href={paths.flow(run.flow)}>{run.flowName}</Link> v{run.version}</p>
        </div>
        <Pill tone={runWords[run.state].tone}>{runWords[run.state].say}</Pill>
      </header>
      <Note tone="quiet" title="This mail is not yours to read">It came through <bdi>{name}</bdi>, or its flow uses a connection that is not shared with you. The administrator can share it.</Note>
    </>
  )
}

/** What began the run is what its first step left. */
function HeardEvent({ run }: { readonly run: RunView }) {
  const facts = run.steps.find((step) => step.kind === 'mailbox-event')?.output
  if (!isJsonObject(facts)) return <p className={css['quiet']}>Something happened to {run.mail.folder} of {run.mail.connection}.</p>
  return <><p>{textOr(facts['say'], run.mail.subject)}</p><Link href={paths.mailboxes}>See the mailboxes</Link></>
}

function ReceivedMail({ run }: { readonly run: RunView }) {
  const [open, setOpen] = useState(false)
  const connectionName = useConnectionName()
  const mail = useRunMail(run.id, open)
  const raw = `/api/runs/${encodeURIComponent(run.id)}/raw`
  return (
    <div className={css['received']}>
      <p className={css['where']}>
        <span><bdi>{run.mail.folder}</bdi> of <bdi>{connectionName(run.mail.connection)}</bdi>, {saySize(run.mail.size)}</span>
        <Button variant="subtle" size="compact-xs" aria-expanded={open} onClick={() => { setOpen(!open) }}>{open ? 'Hide' : 'Show the mail'}</Button>
        <a href={raw} download className={css['download']}><Download size={13} aria-hidden="true" />Download raw</a>
      </p>
      {open && mail.isPending && <Loading what="the mail" />}
      {open && mail.error && <ErrorNote error={mail.error} onRetry={mail.refetch} />}
      {open && mail.data && <MailView mail={mail.data.mail} raw={mail.data.raw} partsHref={`/api/runs/${encodeURIComponent(run.id)}/attachments`} />}
    </div>
  )
}

function Settle({ run }: { readonly run: RunView }) {
  const { settle } = run
  const words = settleWords[settle.state]
  return (
    <section>
      <h3>In the mailbox</h3>
      <p className={css['settle']}>
        <span>Afterwards: {settle.action}</span>
        <Pill tone={words.tone}>{words.say}</Pill>
        {settle.at && <Moment at={settle.at} className={css['quiet'] ?? ''} />}
      </p>
      {settle.say !== '' && <p className={css['quiet']}>{settle.say}</p>}
      {run.attempts > 1 && <p className={css['quiet']}>{sayCount(run.attempts, 'attempt')} at this run.</p>}
      <Fold title="Identifiers">
        <dl className={css['ids']}>
          <div><dt>Run</dt><dd>{run.id}</dd></div>
          <div><dt>Mail</dt><dd>{run.mail.id}</dd></div>
        </dl>
      </Fold>
    </section>
  )
}

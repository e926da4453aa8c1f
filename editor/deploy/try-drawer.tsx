/** The draft tried on a real mail: what would be sent, or why it would fail. Nothing leaves the house. */
import { Drawer, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { TryResult } from '#shared/run.ts'
import { api } from '../api/client.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { nodeName } from '../store/edits.ts'
import { texts } from '../texts.ts'
import { saySize } from '../ui/formats.ts'
import { LeftOut } from '../ui/left-out.tsx'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './deploy.module.css'

export function TryDrawer({ onClose }: { readonly onClose: () => void }) {
  const { view } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const starts = flow.nodes.filter(({ kind }) => nodeDescriptions[kind].trigger)
  const [chosen, choose] = useState<string | null>(null)
  const start = starts.find(({ id }) => id === chosen) ?? starts.find(({ kind }) => kind === 'receive-email') ?? starts[0]
  const body = start === undefined ? { flow } : { flow, start: start.id }
  const tried = useQuery({ queryKey: ['try', view.id, body], queryFn: ({ signal }) => api('POST /api/flows/:id/try', { params: { id: view.id }, body, signal }), staleTime: 0, gcTime: 0, retry: false })
  return (
    <Drawer opened onClose={onClose} title={start?.kind === 'mailbox-event' ? texts.trying.titleExample : texts.trying.title} size={520}>
      <div className={css['dialog']}>
        {start !== undefined && starts.length > 1 && (
          <Select label={texts.trying.start} value={start.id} data={starts.map((node) => ({ value: node.id, label: nodeName(node) }))} allowDeselect={false} onChange={choose}
            description={start.kind === 'mailbox-event' ? texts.trying.example : texts.trying.lastMail} inputWrapperOrder={['label', 'input', 'description', 'error']} />
        )}
        {tried.isPending && <Loading what={texts.trying.running} rows={5} />}
        {tried.error !== null && <ErrorNote error={tried.error} onRetry={() => { void tried.refetch() }} />}
        {tried.data !== undefined && <Tried result={tried.data} />}
      </div>
    </Drawer>
  )
}

function Tried({ result }: { readonly result: TryResult }) {
  const errors = result.steps.flatMap((step) => (step.error === null ? [] : [step.error]))
  const notes = result.steps.flatMap((step) => (step.note === undefined ? [] : [step.note]))
  return (
    <>
      <p>{texts.trying.nothing}</p>
      {errors.map((problem, index) => <Note key={index} tone="bad" title={texts.trying.failed}>{problem.say}</Note>)}
      {notes.length > 0 && <Note tone="accent" title={texts.trying.inMailbox}>{notes.map((note, index) => <span key={index} className={css['note']}>{note}</span>)}</Note>}
      {result.outgoing.length === 0 && errors.length === 0 && notes.length === 0 && <Note tone="quiet">{texts.trying.none}</Note>}
      {result.outgoing.map((mail, index) => (
        <article key={index} className={css['mail']}>
          <h3>{texts.trying.would}</h3>
          <dl>
            <div><dt>{texts.trying.from}</dt><dd>{mail.headers.find((header) => header.name.toLowerCase() === 'from')?.value.replace(/^<(.+)>$/, '$1') ?? mail.envelope.from}</dd></div>
            <div><dt>{texts.trying.to}</dt><dd>{mail.envelope.to.join(', ')}</dd></div>
            <div><dt>{texts.trying.subject}</dt><dd><strong dir="auto">{mail.subject === '' ? texts.trying.noSubject : mail.subject}</strong></dd></div>
          </dl>
          <pre dir="auto">{mail.text === '' ? texts.trying.noText : mail.text}</pre>
          {mail.attachments.length > 0 && (
            <ul aria-label={texts.trying.files}>{mail.attachments.map((file) => <li key={`${file.name}${file.sha256}`}>{file.name} <small>{saySize(file.size)}</small></li>)}</ul>
          )}
          <LeftOut output={result.steps.find((step) => step.node === mail.node)?.output ?? null} />
        </article>
      ))}
    </>
  )
}

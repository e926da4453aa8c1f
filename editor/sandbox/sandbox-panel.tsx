/** The sandbox: sample letters to send into its inbox on the left, the mails that came out on the right, filling live. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ArrowLeft, Check, FlaskConical, Inbox, Send } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { SandboxLetter, SandboxMail } from '#shared/api.ts'
import { api } from '../api/client.ts'
import { keys, useFlows, useSandbox, useSandboxMail } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount } from '../ui/formats.ts'
import { Loading } from '../ui/loading.tsx'
import { MailView } from '../ui/mail-view.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import css from './sandbox-panel.module.css'

export function SandboxPage() {
  const { data, error, isPending, refetch } = useSandbox()
  const [opened, setOpened] = useState('')
  return (
    <div className={css['page']}>
      <PageHeader title="Sandbox" say="A mail server inside Mailweave: send a sample letter into its inbox and watch what your flow makes of it. Nothing ever leaves this machine." />
      {isPending && <Loading what="the sandbox" />}
      {error && <div className={css['pad']}><ErrorNote error={error} onRetry={refetch} /></div>}
      {data && !data.on && <EmptyState icon={<FlaskConical size={20} />} title="The sandbox is off" say="Mailweave was started with --no-sandbox. Start it without that option to try flows without a mail account." />}
      {data?.on && (
        <div className={css['columns']}>
          <section className={css['letters']} aria-labelledby="sandbox-letters">
            <h2 id="sandbox-letters">Letters <span>to {data.inbox.address}{data.inbox.waiting > 0 && `, ${sayCount(data.inbox.waiting, 'mail waits', 'mails wait')}`}</span></h2>
            <ul>{data.letters.map((letter) => <Letter key={letter.id} letter={letter} />)}</ul>
          </section>
          <section className={css['sent']} aria-labelledby="sandbox-sent">
            <h2 id="sandbox-sent">What came out {data.sent.length > 0 && <span>{sayCount(data.sent.length, 'mail')}</span>}</h2>
            {opened !== '' ? <Reader id={opened} onBack={() => { setOpened('') }} /> : <SentList sent={data.sent} onOpen={setOpened} />}
          </section>
        </div>
      )}
    </div>
  )
}

function Letter({ letter }: { readonly letter: SandboxLetter }) {
  const client = useQueryClient()
  const [count, setCount] = useState(0)
  const send = useMutation({
    mutationFn: () => api('POST /api/sandbox/send', { body: { letter: letter.id } }),
    onSuccess: () => {
      setCount((before) => before + 1)
      void client.invalidateQueries({ queryKey: keys.sandbox })
    },
  })
  return (
    <li className={css['letter']}>
      <div className={css['letterText']}>
        <h3>{letter.title}</h3>
        <p dir="auto" className={css['subject']}>{letter.subject}</p>
        <p className={css['from']}><bdi>{letter.from}</bdi></p>
        {send.error && <ErrorNote error={send.error} />}
      </div>
      <div className={css['letterSend']}>
        <Button variant="default" size="xs" loading={send.isPending} leftSection={<Send size={13} aria-hidden="true" />} aria-label={`Send "${letter.title}"`} onClick={() => { send.mutate() }}>Send</Button>
        <output className={css['sentTimes']}>{count > 0 && <><Check size={12} aria-hidden="true" />{count === 1 ? 'sent' : `sent ${count} times`}</>}</output>
      </div>
    </li>
  )
}

function SentList({ sent, onOpen }: { readonly sent: readonly SandboxMail[]; readonly onOpen: (id: string) => void }) {
  const running = useFlows().data?.flows.filter((flow) => flow.running !== null) ?? []
  const [only] = running
  if (sent.length === 0 && only !== undefined) {
    return <EmptyState icon={<Inbox size={20} />} title="Nothing came out yet" say={<>Send a letter. What {running.length === 1 ? <>“<Link href={paths.flow(only.id)}>{only.name}</Link>” makes</> : 'your flows make'} of it appears here within a second or two.</>} />
  }
  if (sent.length === 0) {
    return (
      <EmptyState icon={<Inbox size={20} />} title="Nothing came out yet" say={<>Deploy a flow that uses the sandbox connections, then send a letter. What the flow sends appears here within a second or two.</>}>
        <Button component={Link} href={paths.flows} variant="default">Open the flows</Button>
      </EmptyState>
    )
  }
  return (
    <ul className={css['mails']} aria-live="polite" aria-relevant="additions">
      {sent.map((mail) => (
        <li key={mail.id}>
          <button type="button" onClick={() => { onOpen(mail.id) }}>
            <span className={css['mailTop']}><bdi className={css['mailSubject']}>{mail.subject || '(no subject)'}</bdi><Moment at={mail.at} /></span>
            <span className={css['mailLine']}>to {mail.to.join(', ')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Reader({ id, onBack }: { readonly id: string; readonly onBack: () => void }) {
  const { data, error, isPending, refetch } = useSandboxMail(id)
  return (
    <div className={css['reader']}>
      <Button variant="subtle" color="gray" size="xs" leftSection={<ArrowLeft size={14} aria-hidden="true" />} onClick={onBack} data-autofocus className={css['back'] ?? ''}>All mails</Button>
      {isPending && <Loading what="the mail" />}
      {error && <ErrorNote error={error} onRetry={refetch} />}
      {data && <MailView mail={data.mail} raw={data.raw} />}
    </div>
  )
}

/** All connections as cards: what each is, how it fares, who uses it; and the panel to make and change them. */
import { Button } from '@mantine/core'
import { Inbox, Plug, Plus, Send } from 'lucide-react'
import { useState } from 'react'
import { Link, useSearch } from 'wouter'
import type { ConnectionView, SenderView } from '#shared/api.ts'
import type { MailboxStatus } from '#shared/connection.ts'
import { useConnections, useFlows, useMailboxes, useSenders } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { healthWords, namesUnchecked, worstHealth, loginFixes } from '../ui/health.ts'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pill, type Tone } from '../ui/pill.tsx'
import { ConnectionPanel } from './connection-panel.tsx'
import css from './connections.module.css'
import { kindShort, securityWords } from './guess.ts'
import { SenderLine, senderWords } from './sender-line.tsx'

export function ConnectionsPage() {
  const { data, error, isPending, refetch } = useConnections()
  const mailboxes = useMailboxes().data?.mailboxes ?? []
  const senders = useSenders().data?.senders ?? []
  const flows = useFlows().data?.flows ?? []
  // A link from a mailbox in trouble leads to the login of its connection.
  const asked = new URLSearchParams(useSearch()).get('login')
  const [opened, setOpened] = useState<{ readonly id: string | null; readonly atLogin?: boolean } | null>(asked === null ? null : { id: asked, atLogin: true })
  const connections = data?.connections ?? []
  const edited = connections.find((one) => one.id === opened?.id) ?? null
  const make = <Button leftSection={<Plus size={15} aria-hidden="true" />} {...useMay('secrets')} onClick={() => { setOpened({ id: null }) }}>New connection</Button>
  return (
    <div className={css['page']}>
      <PageHeader title="Connections" say="Mail accounts, made once and used by any flow.">{connections.length > 0 && make}</PageHeader>
      <div className={css['content']}>
        {isPending && <Loading what="the connections" />}
        {error && <ErrorNote error={error} onRetry={refetch} />}
        {data && connections.length === 0 && (
          <EmptyState icon={<Plug size={20} />} title="No mail account yet" say="A flow receives through one connection and sends through another. Type the mail address; the rest is filled in and checked before it is saved.">{make}</EmptyState>
        )}
        {connections.length > 0 && (
          <ul className={css['cards']}>
            {connections.map((one) => (
              <Card key={one.id} connection={one} mailboxes={mailboxes.filter((box) => box.connection === one.id)} sender={senders.find((sender) => sender.connection === one.id)} nameOf={(id) => flows.find((flow) => flow.id === id)?.name ?? id} onOpen={(atLogin) => { setOpened({ id: one.id, atLogin }) }} />
            ))}
          </ul>
        )}
      </div>
      <ConnectionPanel opened={opened !== null && (opened.id === null || edited !== null)} connection={edited} atLogin={opened?.atLogin === true} onClose={() => { setOpened(null) }} />
    </div>
  )
}

interface CardProps {
  readonly connection: ConnectionView
  readonly mailboxes: readonly MailboxStatus[]
  readonly sender: SenderView | undefined
  readonly nameOf: (flow: string) => string
  readonly onOpen: (atLogin: boolean) => void
}
function Card({ connection, mailboxes, sender, nameOf, onOpen }: CardProps) {
  const state = stateOf(connection, mailboxes, sender)
  const Icon = connection.kind === 'smtp' ? Send : Inbox
  return (
    <li className={css['card']}>
      <div className={css['cardHead']}>
        <span className={css['cardIcon']} data-kind={connection.kind} aria-hidden="true"><Icon size={16} /></span>
        <div className={css['cardName']}>
          {/* The button covers the whole card, links in it lie above. */}
          <h2><button type="button" onClick={() => { onOpen(false) }}><bdi>{connection.name}</bdi></button></h2>
          <p>{connection.login === 'none' || connection.user === '' ? 'no login' : connection.user}{connection.mailbox === '' ? '' : ` for ${connection.mailbox}`}</p>
        </div>
        <Pill tone={state.tone}>{state.say}</Pill>
        {namesUnchecked(connection) && <Pill tone="bad" title="Anybody with a valid certificate for any name can pose as this server">host name not checked</Pill>}
      </div>
      {state.cause !== '' && (
        <p className={css['cause']} data-tone={state.tone}>
          {state.cause}
          {state.fix !== '' && <button type="button" className={css['fix']} onClick={() => { onOpen(true) }}>{state.fix}</button>}
        </p>
      )}
      {sender && <SenderLine sender={sender} name={connection.name} />}
      <dl className={css['cardFacts']}>
        <div><dt>Server</dt><dd title={`${connection.host}:${connection.port}`}>{connection.host}:{connection.port}</dd></div>
        <div><dt>{kindShort[connection.kind]}</dt><dd data-warn={connection.security === 'none' && !connection.sandbox ? '' : undefined}>{securityWords[connection.security].short}{connection.pinned !== '' ? ', one certificate' : connection.certificate === '' ? '' : ', own certificate'}</dd></div>
        <div>
          <dt>Used by</dt>
          <dd>{connection.usedBy.length === 0 ? <span className={css['quiet']}>no flow yet</span> : connection.usedBy.map((id, index) => <span key={id}>{index > 0 && ', '}<Link href={paths.flow(id)}>{nameOf(id)}</Link></span>)}</dd>
        </div>
      </dl>
      {connection.sharing !== 'everyone' && <p className={css['sandboxTag']}>Shared with {typeof connection.sharing === 'string' || connection.sharing.length === 0 ? 'the administrator alone' : connection.sharing.join(', ')}</p>}
      {connection.sandbox && <p className={css['sandboxTag']}>Sandbox, on this machine only</p>}
    </li>
  )
}

interface CardState {
  readonly tone: Tone
  readonly say: string
  readonly cause: string
  /** What leads to the login, '' when that is not what is wrong. */
  readonly fix: string
}
/** What is known of the account: receiving ones tell by their mailboxes, sending ones only when something is missing. */
export function stateOf(connection: ConnectionView, mailboxes: readonly MailboxStatus[], sender?: SenderView): CardState {
  const health = worstHealth(mailboxes.map((box) => box.health))
  const worst = mailboxes.find((box) => box.health === health)
  if (health && worst) return { ...healthWords[health], cause: worst.say, fix: (worst.trouble?.until === null ? loginFixes[worst.trouble.code] : undefined) ?? '' }
  if (connection.login === 'oauth2' && connection.signedInAt === null) return { tone: 'warn', say: 'sign in', cause: 'Nobody is signed in, so this connection can\'t be used.', fix: 'Sign in' }
  if (connection.login === 'password' && connection.user !== '' && !connection.hasPassword) return { tone: 'warn', say: 'no password', cause: '', fix: '' }
  if (sender && sender.state !== 'open') return { ...senderWords[sender.state], cause: sender.say, fix: sender.state === 'needs-attention' && connection.hasPassword ? 'Change the password' : '' }
  return { tone: 'quiet', say: connection.usedBy.length === 0 ? 'not used' : connection.kind === 'smtp' ? 'ready to send' : 'not watched', cause: '', fix: '' }
}

/** Every watched mailbox in one row: how it fares in words and since when, when it was and will be looked at, what came, and what can be done. */
import { Button, TextInput } from '@mantine/core'
import { Inbox, Search } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { ConnectionView, MailboxView } from '#shared/api.ts'
import type { MailboxHealth } from '#shared/connection.ts'
import { useConnections, useFlows, useMailboxes } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount, sayDuration } from '../ui/formats.ts'
import { healthWords, namesUnchecked, loginFixes } from '../ui/health.ts'
import { MailBars } from '../ui/hour-bars.tsx'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Dot, Pill } from '../ui/pill.tsx'
import { MailboxActs } from './mailbox-acts.tsx'
import css from './mailboxes-page.module.css'

/** Below this many mailboxes a search field is in the way. */
const searchFrom = 8

export function MailboxesPage() {
  const { data, error, isPending, refetch } = useMailboxes()
  const connections = useConnections().data?.connections ?? []
  const flows = useFlows().data?.flows ?? []
  const [query, setQuery] = useState('')
  const nameOf = (id: string): string => connections.find((one) => one.id === id)?.name ?? id
  const flowName = (id: string): string => flows.find((flow) => flow.id === id)?.name ?? id
  const all = sortBoxes(data?.mailboxes ?? [], nameOf)
  const found = all.filter((box) => [nameOf(box.connection), box.connection, box.folder, ...box.flows.map(flowName)].join('\n').toLowerCase().includes(query.trim().toLowerCase()))
  return (
    <div className={css['page']}>
      <PageHeader title="Mailboxes" say={sayAll(all)}>
        {all.length >= searchFrom && <TextInput aria-label="Find a mailbox" placeholder="Find a mailbox" leftSection={<Search size={14} />} value={query} w={220} onChange={(event) => { setQuery(event.currentTarget.value) }} />}
      </PageHeader>
      {isPending && <Loading what="the mailboxes" />}
      {error && <div className={css['error']}><ErrorNote error={error} onRetry={refetch} /></div>}
      {data && all.length === 0 && (
        <EmptyState icon={<Inbox size={20} />} title="No mailbox is being watched" say="A mailbox is watched as soon as a flow that receives from it is deployed.">
          <Button component={Link} href={paths.flows}>Open the flows</Button>
        </EmptyState>
      )}
      {all.length > 0 && found.length === 0 && <p className={css['noMatch']}>No mailbox matches “{query}”.</p>}
      {found.length > 0 && (
        <div className={css['scroll']}>
          <table className={css['table']}>
            <thead>
              <tr><th scope="col">Mailbox</th><th scope="col">State</th><th scope="col">Looked</th><th scope="col">Last mail</th><th scope="col">Mail</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr>
            </thead>
            <tbody>
              {found.map((box) => <Row key={`${box.connection}/${box.folder}`} box={box} connection={connections.find((one) => one.id === box.connection)} flowName={flowName} />)}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}

function sayAll(boxes: readonly MailboxView[]): string | undefined {
  const troubled = boxes.filter((box) => healthWords[box.health].tone === 'bad').length
  const paused = boxes.filter((box) => box.paused !== null).length
  if (troubled > 0) return `${sayCount(troubled, 'mailbox needs', 'mailboxes need')} you.`
  if (paused > 0) return `${sayCount(paused, 'mailbox is', 'mailboxes are')} paused.`
  return boxes.length > 0 ? 'All watched mailboxes, looked at on arrival and by the clock.' : undefined
}

const rank = { bad: 0, warn: 1, accent: 2, ok: 2, quiet: 2 } as const
/** Trouble first; within that by name, so that a row stays where it was. */
const sortBoxes = (boxes: readonly MailboxView[], nameOf: (id: string) => string): readonly MailboxView[] =>
  boxes.toSorted((a, b) => rank[healthWords[a.health].tone] - rank[healthWords[b.health].tone] || nameOf(a.connection).localeCompare(nameOf(b.connection)) || a.folder.localeCompare(b.folder))

function Row({ box, connection, flowName }: { readonly box: MailboxView; readonly connection: ConnectionView | undefined; readonly flowName: (flow: string) => string }) {
  const { tone, say } = healthWords[box.health]
  const name = connection?.name ?? box.connection
  return (
    <tr>
      <th scope="row">
        <bdi className={css['name']} title={name}>{name}</bdi><bdi className={css['folder']} title={box.folder}>{box.folder}</bdi>
        {connection && namesUnchecked(connection) && <Pill tone="bad">host name not checked</Pill>}
        <span className={css['flows']}>{box.flows.map((id, index) => <span key={id}>{index > 0 && ', '}<Link href={paths.flow(id)}>{flowName(id)}</Link></span>)}</span>
      </th>
      <td className={css['state']} data-tone={tone}>
        <span className={css['health']}><Dot tone={tone} pulse={box.health === 'polling'} />{say}</span>
        <Cause box={box} />
      </td>
      <td data-label="Looked">
        {box.lastLookAt ? <Moment at={box.lastLookAt} as="ago" /> : <Quiet>not yet</Quiet>}
        <span className={css['second']}>next {box.nextLookAt ? <Moment at={box.nextLookAt} as="until" /> : nextWords[box.health] ?? 'on arrival'}</span>
      </td>
      <td data-label="Last mail">
        {box.lastMailAt ? <Moment at={box.lastMailAt} /> : <Quiet>{box.days.some((mails) => mails > 0) ? 'not since the start' : 'none yet'}</Quiet>}
        {box.lagMs !== null && <span className={css['second']} title="From its arrival on the server to its run">after {sayDuration(box.lagMs)}</span>}
        {box.waiting > 0 && <span className={css['behind']}>{sayCount(box.waiting, 'mail')} behind</span>}
      </td>
      <td>
        <MailBars counts={box} />
      </td>
      <td className={css['actsCell']}><MailboxActs box={box} name={name} /></td>
    </tr>
  )
}

/** What is wrong, or was: in words, since when, how often, and what the watchdog did. */
function Cause({ box: { connection, trouble, alarm, paused, say } }: { readonly box: MailboxView }) {
  if (paused) return <span className={css['cause']}>by {paused.by}, since <Moment at={paused.at} />. Mail stays in the mailbox.</span>
  if (trouble === null) return say === '' ? null : <span className={css['cause']}>{say}</span>
  if (trouble.until !== null) {
    return <span className={css['past']}>Trouble until <Moment at={trouble.until} />, since <Moment at={trouble.since} />: {trouble.say}{alarm !== null && alarm.say !== trouble.say && ` ${alarm.say}`}</span>
  }
  return (
    <span className={css['cause']}>
      {say || trouble.say}
      {loginFixes[trouble.code] && <Link className={css['fix']} href={paths.connectionLogin(connection)}>{loginFixes[trouble.code]}</Link>}
      <span className={css['past']}>Since <Moment at={trouble.since} />, {sayCount(trouble.repeats, 'try', 'tries')} in vain.</span>
      {alarm !== null && alarm.say !== trouble.say && <span className={css['past']}><Moment at={alarm.at} />: {alarm.say}</span>}
    </span>
  )
}

/** Without a time of the next look: why there is none. */
const nextWords: Partial<Record<MailboxHealth, string>> = { stopped: 'none', paused: 'once it is resumed', 'needs-attention': 'once it is put right' }

const Quiet = ({ children }: { readonly children: string }) => <span className={css['quiet']}>{children}</span>

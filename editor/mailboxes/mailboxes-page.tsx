/** Every watched mailbox in one row: how it fares in words, when it was looked at, what came, when it is looked at next. */
import { Button } from '@mantine/core'
import { Inbox } from 'lucide-react'
import { Link } from 'wouter'
import type { ConnectionView } from '#shared/api.ts'
import type { MailboxHealth, MailboxStatus } from '#shared/connection.ts'
import { useConnections, useFlows, useMailboxes } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount } from '../ui/formats.ts'
import { healthWords, namesUnchecked } from '../ui/health.ts'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Dot, Pill } from '../ui/pill.tsx'
import css from './mailboxes-page.module.css'

export function MailboxesPage() {
  const { data, error, isPending, refetch } = useMailboxes()
  const connections = useConnections().data?.connections ?? []
  const flows = useFlows().data?.flows ?? []
  const mailboxes = data?.mailboxes ?? []
  const troubled = mailboxes.filter((box) => healthWords[box.health].tone === 'bad').length
  return (
    <div className={css['page']}>
      <PageHeader title="Mailboxes" say={troubled > 0 ? `${sayCount(troubled, 'mailbox needs', 'mailboxes need')} you.` : mailboxes.length > 0 ? 'All watched mailboxes, looked at on arrival and by the clock.' : undefined} />
      {isPending && <Loading what="the mailboxes" />}
      {error && <div className={css['error']}><ErrorNote error={error} onRetry={refetch} /></div>}
      {data && mailboxes.length === 0 && (
        <EmptyState icon={<Inbox size={20} />} title="No mailbox is being watched" say="A mailbox is watched as soon as a flow that receives from it is deployed.">
          <Button component={Link} href={paths.flows}>Open the flows</Button>
        </EmptyState>
      )}
      {mailboxes.length > 0 && (
        <div className={css['scroll']}>
          <table className={css['table']}>
            <thead>
              <tr><th scope="col">Mailbox</th><th scope="col">State</th><th scope="col">Last look</th><th scope="col">Next look</th><th scope="col">Last mail</th><th scope="col" className={css['number']}>Waiting</th><th scope="col">Flows</th></tr>
            </thead>
            <tbody>
              {mailboxes.map((box) => (
                <Row key={`${box.connection}/${box.folder}`} box={box} connection={connections.find((one) => one.id === box.connection)} nameOf={(id) => flows.find((flow) => flow.id === id)?.name ?? id} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}

function Row({ box, connection, nameOf }: { readonly box: MailboxStatus; readonly connection: ConnectionView | undefined; readonly nameOf: (flow: string) => string }) {
  const { tone, say } = healthWords[box.health]
  return (
    <tr>
      <th scope="row"><bdi className={css['name']}>{connection?.name ?? box.connection}</bdi><bdi className={css['folder']}>{box.folder}</bdi>{connection && namesUnchecked(connection) && <Pill tone="bad">host name not checked</Pill>}</th>
      <td className={css['state']} data-tone={tone}>
        <span className={css['health']}><Dot tone={tone} pulse={box.health === 'polling'} />{say}</span>
        {box.say !== '' && <span className={css['cause']}>{box.say}</span>}
      </td>
      <td>{box.lastLookAt ? <Moment at={box.lastLookAt} as="ago" /> : <Quiet>not yet</Quiet>}</td>
      <td>{box.nextLookAt ? <Moment at={box.nextLookAt} as="until" /> : <Quiet>{nextWords[box.health] ?? 'on arrival'}</Quiet>}</td>
      <td>{box.lastMailAt ? <Moment at={box.lastMailAt} /> : <Quiet>none yet</Quiet>}</td>
      <td className={css['number']}>{box.waiting === 0 ? <Quiet>0</Quiet> : box.waiting.toLocaleString('en-GB')}</td>
      <td className={css['flows']}>{box.flows.map((id, index) => <span key={id}>{index > 0 && ', '}<Link href={paths.flow(id)}>{nameOf(id)}</Link></span>)}</td>
    </tr>
  )
}

/** Without a time of the next look: why there is none. */
const nextWords: Partial<Record<MailboxHealth, string>> = { stopped: 'none', 'needs-attention': 'once it is put right' }

const Quiet = ({ children }: { readonly children: string }) => <span className={css['quiet']}>{children}</span>

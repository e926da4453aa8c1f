/** Asked when a flow is switched on: which of the mail that waits is its business, with how many that is right now in each mailbox. */
import { Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import type { Flow, FlowNode } from '#shared/flow.ts'
import { mailboxesOf } from '#shared/nodes/receive-email.ts'
import { api, sayFailure } from '../api/client.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { nodeName } from '../store/edits.ts'
import { texts } from '../texts.ts'
import { today } from '../ui/today.ts'
import css from './deploy.module.css'
import { chosenOf, isDay, sayStart, startChoices, startOf, stepsThatStart, sumCounts } from './start-words.ts'

/** A day is typed in several strokes, and each question is a login at some servers. */
const typingMs = 400

/** `running`: the version that runs now, null when none does. */
export function StartQuestions({ running }: { readonly running: Flow | null }) {
  const flow = useDeskState((state) => state.flow)
  return stepsThatStart(flow, running).map((node) => <StartQuestion key={node.id} node={node} />)
}

function StartQuestion({ node }: { readonly node: FlowNode }) {
  const { store, view, connections } = useDesk()
  const start = startOf(node)
  const mailboxes = mailboxesOf(node.config)
  // Asked anew for another day only: the other starts are all counted at once.
  const day = isDay(start) ? start : 'now'
  const [askedDay] = useDebouncedValue(day, typingMs)
  const config = { ...node.config, startFrom: askedDay }
  const asked = useQueries({ queries: mailboxes.map(({ connection, folder }) => ({
    queryKey: ['start-count', view.id, node.id, connection, folder, config], retry: false, staleTime: 0, placeholderData: keepPreviousData,
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => api('POST /api/flows/:id/start-count', { params: { id: view.id }, body: { node: node.id, connection, folder, config }, signal }),
  })) })
  const count = sumCounts(asked.flatMap(({ data }) => data ?? []))
  const failed = asked.filter(({ error }) => error !== null)
  const waits = day !== askedDay || asked.some(({ isPending, isPlaceholderData }) => isPending || isPlaceholderData)
  const marks = mailboxes.some(({ connection }) => connections?.find(({ id }) => id === connection)?.kind !== 'pop3')
  const choose = (next: string | null): void => { if (next !== null) store.setConfig(node.id, 'startFrom', next === 'day' ? today() : next) }
  const each = (one: (typeof asked)[number]): string =>
    (one.error !== null ? texts.start.unknown(sayFailure(one.error)) : one.data === undefined || one.isPlaceholderData || day !== askedDay ? texts.start.asking : sayStart(start, one.data))
  // Where one mailbox goes on and another begins, each line tells its own.
  const agree = new Set(asked.flatMap(({ data }) => (data === undefined ? [] : [data.saved === start]))).size < 2
  const say = waits ? texts.start.asking : count === null || !agree ? '' : failed.length > 0 ? texts.start.partly(sayStart(start, count), failed.length) : sayStart(start, count)
  return (
    <div className={css['start']}>
      <Select label={texts.start.title(nodeName(node))} value={chosenOf(start, count)} data={[...startChoices(start, { unreadOnly: node.config['unseenOnly'] !== false, marks }, count)]} allowDeselect={false} onChange={choose} />
      {chosenOf(start, count) === 'day' && <TextInput type="date" label={texts.start.sinceDay} value={start.slice(0, 10)} onChange={(event) => { if (event.currentTarget.value !== '') choose(event.currentTarget.value) }} />}
      <output>{asked.length === 1 ? asked.map(each) : say}</output>
      {asked.length > 1 && (
        <ul>
          {asked.map((one, at) => {
            const { connection = '', folder = '' } = mailboxes[at] ?? {}
            return <li key={`${connection} ${folder}`} data-failed={one.error !== null || undefined}><b>{texts.start.mailbox(connections?.find(({ id }) => id === connection)?.name ?? connection, folder)}</b><span>{each(one)}</span></li>
          })}
        </ul>
      )}
    </div>
  )
}

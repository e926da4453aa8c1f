/** The rows of the outbox, each with a box to choose it by. New ones arrive on top and move nothing out of hand; far rows cost no layout. */
import { Button } from '@mantine/core'
import { memo, useCallback, type Dispatch, type SetStateAction } from 'react'
import type { SendView } from '#shared/run.ts'
import { sayCount } from '../ui/formats.ts'
import { Moment } from '../ui/moment.tsx'
import { Dot } from '../ui/pill.tsx'
import { sendWords } from '../ui/states.ts'
import { useRows } from '../ui/use-rows.ts'
import { toggle, toggleShown, type Choice } from './choice.ts'
import css from './outbox-page.module.css'

export interface OutboxListProps {
  readonly sends: readonly SendView[]
  readonly opened: string
  readonly onOpen: (send: SendView) => void
  readonly choice: Choice
  readonly onChoice: Dispatch<SetStateAction<Choice>>
  readonly stale: boolean
  readonly more: (() => void) | null
  readonly loadingMore: boolean
}
export function OutboxList({ sends, opened, onOpen, choice, onChoice, stale, more, loadingMore }: OutboxListProps) {
  const ids: readonly string[] = sends.map(({ id }) => id)
  const open = (id: string) => {
    const send = sends.find((one) => one.id === id)
    if (send) onOpen(send)
  }
  const { listProps, rowProps } = useRows(ids, opened, open)
  const order = ids.join('\n')
  const choose = useCallback((id: string, range: boolean) => { onChoice((before) => toggle(before, id, order.split('\n'), range)) }, [onChoice, order])
  const chosen = ids.filter((id) => choice.ids.has(id)).length
  return (
    <div className={css['rowsScroll']} data-stale={stale || undefined}>
      <div className={css['columns']}>
        <label className={css['box']}>
          <input type="checkbox" aria-label="Choose all mails shown" checked={chosen > 0 && chosen === ids.length} ref={(box) => { if (box) box.indeterminate = chosen > 0 && chosen < ids.length }} onChange={() => { onChoice(toggleShown(choice, ids)) }} />
        </label>
        <span aria-hidden="true">Time</span><span aria-hidden="true">Mail</span><span aria-hidden="true">State</span>
      </div>
      <ul aria-label="Outbox, newest first" aria-busy={stale} {...listProps}>
        {sends.map((send) => <Row key={send.id} send={send} opened={send.id === opened} chosen={choice.ids.has(send.id)} onOpen={onOpen} onChoose={choose} tabIndex={rowProps(send.id).tabIndex} />)}
      </ul>
      {more && <div className={css['more']}><Button variant="default" size="xs" loading={loadingMore} onClick={more}>Load older mails</Button></div>}
    </div>
  )
}

interface RowProps {
  readonly send: SendView
  readonly opened: boolean
  readonly chosen: boolean
  readonly onOpen: (send: SendView) => void
  readonly onChoose: (id: string, range: boolean) => void
  readonly tabIndex: 0 | -1
}
/** Remembered: a live message changes a few of up to a thousand rows. */
const Row = memo(function Row({ send, opened, chosen, onOpen, onChoose, tabIndex }: RowProps) {
  const { tone, say } = sendWords[send.state]
  const subject = send.subject || '(no subject)'
  // Of several receivers the one whom the state is about.
  const shown = send.recipients.find((recipient) => recipient.state === send.state) ?? send.recipients[0]
  const others = send.recipients.length - 1
  return (
    <li className={css['row']} data-opened={opened || undefined} data-chosen={chosen || undefined}>
      <label className={css['box']}>
        <input
          type="checkbox" aria-label={`Choose “${subject}” to ${shown?.address ?? 'nobody'}`} checked={chosen} tabIndex={tabIndex} readOnly
          onClick={(event) => { onChoose(send.id, event.shiftKey) }}
        />
      </label>
      <button type="button" data-row={send.id} tabIndex={tabIndex} aria-current={opened ? 'true' : undefined} onClick={() => { onOpen(send) }}>
        <Moment at={send.createdAt} className={css['time'] ?? ''} />
        <span className={css['mail']}>
          <bdi className={css['subject']}>{subject}</bdi>
          <span className={css['to']}>to <bdi>{shown?.address ?? 'nobody'}</bdi>{others > 0 && ` and ${sayCount(others, 'other')}`}</span>
        </span>
        <span className={css['state']} data-tone={tone}><span><Dot tone={tone} pulse={send.state === 'sending'} />{say}</span></span>
      </button>
    </li>
  )
})

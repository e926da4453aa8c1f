/** The mapping as a list of rows over a real mail: every row shows at once what it makes of that mail. */
import { Button } from '@mantine/core'
import { Plus, Shuffle } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Flow } from '#shared/flow.ts'
import type { Row } from '#shared/mapping/mapping.ts'
import { modeOf } from '#shared/sending/mode.ts'
import { useSample } from '../api/queries.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { sayCount } from '../ui/formats.ts'
import { Pill } from '../ui/pill.tsx'
import css from './mapper.module.css'
import { OutgoingPreview } from './outgoing-preview.tsx'
import { listFields } from './pick-fields.ts'
import { addRow, copyRow, lacksUsualRows, moveTo, nextTarget, removeAt, replaceAt, withUsualRows } from './row-edits.ts'
import { RowLine } from './row-line.tsx'
import { useGround, useMapped, useScope, useSurroundings } from './use-mapped.ts'
import { useTyped } from './use-typed.ts'

/** While the rows are worked out for the first time. */
const nothing = { value: {} }

export interface MappingFormProps {
  readonly rows: readonly Row[]
  readonly onChange: (rows: readonly Row[]) => void
  /** The draft: says which steps stand in front and what stands behind. */
  readonly flow: Flow
  /** The mapping's own node. */
  readonly nodeId: string
}

export function MappingForm({ rows, onChange, flow, nodeId }: MappingFormProps) {
  const [open, setOpen] = useState<number | null>(null)
  const sample = useSample(flow.id)
  const mail = sample.data?.mail ?? null
  const around = useSurroundings(flow, nodeId)
  const ground = useGround(around, nodeId)
  const scope = useScope(around, nodeId, mail)
  const { mapped, problems } = useMapped(rows, ground, scope, nodeId)
  const fields = useMemo(() => listFields(ground.sources, scope), [ground, scope])
  const filled = useTyped(ground.next, ground, scope, nodeId, mapped ?? nothing)

  // Which row the focus goes to after the rows have changed: removing or moving one must not lose the place.
  const list = useRef<HTMLOListElement>(null)
  const goTo = useRef<{ readonly row: number; readonly inside: boolean } | null>(null)
  useEffect(() => {
    const wanted = goTo.current
    if (wanted === null) return
    goTo.current = null
    const row = list.current?.children[Math.min(wanted.row, rows.length - 1)]
    row?.querySelector<HTMLElement>(wanted.inside ? 'select' : 'button')?.focus()
  }, [rows])

  const add = () => {
    goTo.current = { row: rows.length, inside: true }
    onChange(addRow(rows, { to: nextTarget(rows, ground.target) }))
    setOpen(rows.length)
  }
  const addUsual = () => {
    goTo.current = { row: 0, inside: false }
    onChange(withUsualRows(rows, ground.mailNode || 'receive', ground.start))
  }
  const move = (at: number, by: -1 | 1) => {
    const moved = moveTo(rows, at, at + by)
    if (moved === rows) return
    goTo.current = { row: at + by, inside: false }
    onChange(moved)
    if (open !== null) setOpen(open === at ? at + by : open === at + by ? at : open)
  }
  const toCheck = rows.filter((_, at) => problems.some((problem) => isOfRow(problem.field, at)) || mapped?.rows[at]?.problem).length
  // An answer has from its mail what these rows would fill.
  const isAnswer = ground.next !== null && modeOf(ground.next.config) !== 'new'
  const usual = !isAnswer && lacksUsualRows(rows, ground.start) && ground.mailNode !== '' && <Button variant="default" size="xs" onClick={addUsual}>Add the usual rows</Button>
  return (
    <section className={css['form']} aria-label="Mapping">
      <header className={css['head']}>
        <p className={css['sample']} aria-live="polite">
          {ground.start === 'event' ? <span>Values of an example: a mailbox that can't be reached.</span> : mail
            ? <>Values of <bdi>{mail.subject || '(no subject)'}</bdi><span>, {sample.data?.source}</span></>
            : <span>{sample.isPending ? 'Looking for a mail to show values of…' : 'There is no mail yet to show values of. Rows can be made all the same.'}</span>}
        </p>
        {rows.length > 0 && <Pill tone={toCheck > 0 ? 'warn' : 'quiet'} dot={toCheck > 0}>{sayCount(rows.length, 'row')}{toCheck > 0 && `, ${toCheck} to check`}</Pill>}
      </header>
      {rows.length === 0 && (
        <EmptyState icon={<Shuffle size={20} />} title="Nothing is mapped yet" say="Each row fills one field of the outgoing mail: with a field of what came in, with a text, or with both.">
          {usual}<Button size="xs" variant={usual ? 'subtle' : 'filled'} onClick={add}>Add one row</Button>
        </EmptyState>
      )}
      {rows.length > 0 && (
        <>
          <ol className={css['rows']} ref={list}>
            {rows.map((row, at) => (
              <RowLine
                key={at} row={row} open={open === at} first={at === 0} last={at === rows.length - 1} ground={ground} fields={fields} scope={scope}
                outcome={mapped?.rows[at] ?? null} problems={problems.filter((problem) => isOfRow(problem.field, at))}
                onToggle={() => { setOpen(open === at ? null : at) }}
                acts={{
                  onChange: (next) => { onChange(replaceAt(rows, at, next)) },
                  onMove: (by) => { move(at, by) },
                  onCopy: () => {
                    goTo.current = { row: at + 1, inside: true }
                    onChange(copyRow(rows, at))
                    setOpen(at + 1)
                  },
                  onRemove: () => {
                    goTo.current = { row: at, inside: false }
                    onChange(removeAt(rows, at))
                    setOpen(null)
                  },
                }}
              />
            ))}
          </ol>
          <footer className={css['foot']}>
            <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden="true" />} onClick={add}>Add a row</Button>
            {usual}
          </footer>
          {mapped && (mail || ground.start === 'event') && <OutgoingPreview mapped={mapped} next={ground.next} filled={filled} mail={ground.start === 'mail' ? mail : null} />}
        </>
      )}
    </section>
  )
}

/** `rows.2.from` belongs to row 2, not to row 20. */
export const isOfRow = (field: string, at: number): boolean => field === `rows.${at}` || field.startsWith(`rows.${at}.`)

/** Around a text that may have holes: a link that puts a field of an earlier step where the cursor stood. The picker itself loads when such a form is opened. */
import { lazy, Suspense, useMemo, useRef, type FocusEvent, type ReactNode } from 'react'
import type { FieldMeta } from '#shared/nodes/node.ts'
import { useDeskState } from '#editor/store/desk.ts'
import { texts } from '#editor/texts.ts'
import { putHole, type Cursor } from '#editor/ui/put-hole.ts'
import css from './widgets.module.css'

const InsertField = lazy(async () => ({ default: (await import('#editor/mapper/insert-field.tsx')).InsertField }))

export interface InsertHoleProps {
  readonly node: string
  readonly title: string
  readonly text: string
  /** false: the text takes no holes, and there is no link. */
  readonly on: boolean
  /** What its holes may name beside the steps in front. */
  readonly more?: FieldMeta['holes'] | undefined
  readonly onChange: (text: string) => void
  /** The input. */
  readonly children: ReactNode
}

export function InsertHole({ node, title, text, on, more, onChange, children }: InsertHoleProps) {
  const flow = useDeskState((state) => state.flow)
  const sources = useMemo(() => more?.(), [more])
  /** The picker takes the focus before it is asked; an input that was never in has no cursor. */
  const cursor = useRef<Cursor | null>(null)
  const leave = ({ target }: FocusEvent): void => {
    if ((target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.selectionStart !== null) cursor.current = [target.selectionStart, target.selectionEnd ?? target.selectionStart]
  }
  const insert = (path: string): void => {
    const put = putHole(text, path, cursor.current)
    cursor.current = put.cursor
    onChange(put.text)
  }
  return (
    <div className={css['withHole']}>
      <div onBlur={leave}>{children}</div>
      {on && <Suspense fallback={null}><span className={css['hole']}><InsertField flow={flow} nodeId={node} label={texts.field.insertInto(title)} more={sources} onInsert={insert} /></span></Suspense>}
    </div>
  )
}

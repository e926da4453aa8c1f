/** The flow's name as a heading that can be typed into; an empty one goes back to what it was. */
import { useState } from 'react'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import css from './flow.module.css'

export function FlowName() {
  const { store } = useDesk()
  const name = useDeskState((state) => state.flow.name)
  const [typed, setTyped] = useState<string | null>(null)
  const shown = typed ?? name
  const leave = (): void => {
    store.endGesture()
    setTyped(null)
  }
  return (
    <h1 className={css['name']}>
      <input aria-label={texts.header.name} value={shown} maxLength={120} size={Math.min(40, Math.max(8, shown.length))} dir="auto" spellCheck={false}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          const next = event.currentTarget.value.trim()
          if (next !== '') store.rename(next)
        }}
        onBlur={leave} onKeyDown={(event) => { if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur() }} />
    </h1>
  )
}

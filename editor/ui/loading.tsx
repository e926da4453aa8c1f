/** Waiting, said honestly: nothing for a moment, then quiet rows, and after three seconds what is awaited. */
import css from './ui.module.css'

export function Loading({ what, rows = 4 }: { readonly what: string; readonly rows?: number }) {
  return (
    <output className={css['loading']} aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, index) => <span key={index} className={css['bone']} style={{ width: `${[92, 74, 84, 66][index % 4]}%` }} />)}
      <span className={css['loadingWords']}>Still loading {what}…</span>
    </output>
  )
}

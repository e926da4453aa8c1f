/** Up and down in a list of rows: one row is in the tab order, the arrows move and choose, Home and End jump. */
import { useCallback, useRef, type KeyboardEvent } from 'react'

export interface Rows {
  readonly listProps: { readonly ref: (node: HTMLElement | null) => void; readonly onKeyDown: (event: KeyboardEvent) => void }
  /** Only the chosen row (or the first) can be reached by Tab. Each row carries its id as `data-row`. */
  readonly rowProps: (id: string) => { readonly tabIndex: 0 | -1 }
}

export function useRows(ids: readonly string[], chosen: string, onChoose: (id: string) => void): Rows {
  const list = useRef<HTMLElement | null>(null)
  const reachable = ids.includes(chosen) ? chosen : ids[0]
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextRow(ids, chosen, event.key)
    if (next === null) return
    event.preventDefault()
    onChoose(next)
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next)}"]`)?.focus()
  }
  const ref = useCallback((node: HTMLElement | null) => { list.current = node }, [])
  return { listProps: { ref, onKeyDown }, rowProps: (id) => ({ tabIndex: id === reachable ? 0 : -1 }) }
}

/** Which row a key leads to; null for keys that are not ours. */
export function nextRow(ids: readonly string[], chosen: string, key: string): string | null {
  const at = ids.indexOf(chosen)
  const wanted = key === 'ArrowDown' ? at + 1 : key === 'ArrowUp' ? (at === -1 ? 0 : at - 1) : key === 'Home' ? 0 : key === 'End' ? ids.length - 1 : null
  if (wanted === null) return null
  return ids[Math.max(0, Math.min(ids.length - 1, wanted))] ?? null
}

/** Zoom, fit and tidy, in one quiet bar. */
import { useReducedMotion } from '@mantine/hooks'
import { useReactFlow, useViewport, type FitViewOptions } from '@xyflow/react'
import { Minus, Plus } from 'lucide-react'
import { useMemo } from 'react'
import { texts } from '../texts.ts'
import css from './canvas.module.css'

/** Long enough to follow with the eye. */
const moveMs = 180
/** Clear of the palette on the left and the bars at the foot. */
const clear = { left: 72, right: 40, top: 40, bottom: 72 } as const
export const takenWidth = clear.left + clear.right
const firstFit: FitViewOptions = { padding: { left: `${clear.left}px`, right: `${clear.right}px`, top: `${clear.top}px`, bottom: `${clear.bottom}px` }, maxZoom: 1 }
export const useMoves = () => {
  const duration = useReducedMotion() ? 0 : moveMs
  return useMemo(() => ({ firstFit, fit: { ...firstFit, duration }, zoom: { duration } }), [duration])
}

export function ZoomBar({ onTidy }: { readonly onTidy: () => void }) {
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow()
  const { zoom } = useViewport()
  const moves = useMoves()
  return (
    <div className={css['zoomBar']} role="toolbar" aria-label={texts.canvas.label}>
      <button type="button" aria-label={texts.canvas.zoomOut} onClick={() => { void zoomOut(moves.zoom) }}><Minus size={14} aria-hidden="true" /></button>
      <button type="button" className="tabular" title={texts.canvas.full} onClick={() => { void zoomTo(1, moves.zoom) }}>{texts.canvas.zoom(Math.round(zoom * 100))}</button>
      <button type="button" aria-label={texts.canvas.zoomIn} onClick={() => { void zoomIn(moves.zoom) }}><Plus size={14} aria-hidden="true" /></button>
      <button type="button" title={texts.canvas.fitHint} onClick={() => { void fitView(moves.fit) }}>{texts.canvas.fit}</button>
      <button type="button" title={texts.canvas.tidyHint} onClick={onTidy}>{texts.canvas.tidy}</button>
    </div>
  )
}

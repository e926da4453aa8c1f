/** One line between two steps, with how many mails went along it today, and a way to put a step into it. */
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from '@xyflow/react'
import { Plus } from 'lucide-react'
import { memo } from 'react'
import { texts } from '../texts.ts'
import { useCanvasActs } from './canvas-acts.ts'
import css from './canvas.module.css'
import type { LineEdge } from './drawing.ts'

export const LineEdgeView = memo(function LineEdgeView({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data }: EdgeProps<LineEdge>) {
  const { askForStep } = useCanvasActs()
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition })
  return (
    <>
      <BaseEdge path={path} className={css['line'] ?? ''} data-selected={selected || undefined} interactionWidth={22} />
      {data !== undefined && (
        <EdgeLabelRenderer>
          <div className={`nodrag nopan ${css['lineLabel']}`} data-selected={selected || undefined} data-empty={data.count === 0 || undefined} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
            {data.count > 0 && <span className="tabular">{data.count}</span>}
            <button type="button" aria-label={texts.canvas.insert(data.fromName, data.toName)} title={texts.canvas.insert(data.fromName, data.toName)}
              onClick={(event) => { event.stopPropagation(); askForStep({ into: data.edge }, event.currentTarget) }}>
              <Plus size={11} aria-hidden="true" />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
})

/** One step on the canvas: it says what it does without being opened. */
import { Handle, Position, type NodeProps } from '@xyflow/react'
import { Plus } from 'lucide-react'
import { memo } from 'react'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { fillOf, kindIcons } from '../ui/families.ts'
import { texts } from '../texts.ts'
import { useCanvasActs } from './canvas-acts.ts'
import css from './canvas.module.css'
import type { CardNode } from './drawing.ts'

export const NodeCardView = memo(function NodeCardView({ data, selected }: NodeProps<CardNode>) {
  const { node, name, card, badge, looseEnd, leads } = data
  const { askForStep } = useCanvasActs()
  const { ports } = nodeDescriptions[node.kind]
  const Icon = kindIcons[node.kind]
  return (
    <div className={css['card']} data-selected={selected || undefined} data-trouble={badge?.tone === 'bad' || undefined}>
      {badge !== null && <span className={css['badge']} data-tone={badge.tone} title={badge.title}>{badge.say}</span>}
      <div className={css['cardHead']}>
        <span className={css['cardIcon']} style={{ background: fillOf(node.kind) }}><Icon size={16} strokeWidth={1.8} aria-hidden="true" /></span>
        <div className={css['cardWords']}><strong title={name}>{name}</strong><small title={card.subtitle}>{card.subtitle}</small></div>
      </div>
      {card.lines.length > 0 && (
        <dl className={css['cardLines']}>
          {card.lines.map((line) => <div key={line.label}><dt>{line.label}</dt><dd title={line.value}><bdi>{line.value}</bdi></dd></div>)}
        </dl>
      )}
      {ports.in && <Handle type="target" position={Position.Left} className={css['handle'] ?? ''} />}
      {ports.out && <Handle type="source" position={Position.Right} className={css['handle'] ?? ''} />}
      {ports.out && (looseEnd || (selected && !leads)) && (
        <button type="button" className={`nodrag nopan ${css['addNext']}`} data-loose={looseEnd || undefined} aria-label={texts.canvas.addNext(name)} title={texts.canvas.addNext(name)}
          onClick={(event) => { event.stopPropagation(); askForStep({ after: node.id }, event.currentTarget) }}>
          <Plus size={13} aria-hidden="true" />
        </button>
      )}
    </div>
  )
})

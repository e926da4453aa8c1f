/** The list of steps that may come at a place, opened beside it; by mouse or by arrow keys. */
import { Menu } from '@mantine/core'
import type { NodeKind } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { fillOf, kindIcons } from '../nodes/families.ts'
import { texts } from '../texts.ts'
import css from './canvas.module.css'

export interface StepMenuProps {
  /** On the canvas, in its own pixels. */
  readonly at: { readonly x: number; readonly y: number }
  readonly kinds: readonly NodeKind[]
  readonly onPick: (kind: NodeKind) => void
  readonly onClose: () => void
}
export function StepMenu({ at, kinds, onPick, onClose }: StepMenuProps) {
  return (
    <Menu opened onClose={onClose} width={268} position="right-start" returnFocus>
      <Menu.Target><span className={css['menuAnchor']} style={{ left: at.x, top: at.y }} /></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{texts.canvas.next}</Menu.Label>
        {kinds.map((kind) => <StepMenuItem key={kind} kind={kind} onPick={onPick} />)}
      </Menu.Dropdown>
    </Menu>
  )
}

export function StepMenuItem({ kind, disabled = false, onPick }: { readonly kind: NodeKind; readonly disabled?: boolean; readonly onPick: (kind: NodeKind) => void }) {
  const Icon = kindIcons[kind]
  const { title, help } = nodeDescriptions[kind]
  return (
    <Menu.Item disabled={disabled} onClick={() => { onPick(kind) }} leftSection={<span className={css['menuIcon']} style={{ background: fillOf(kind) }}><Icon size={14} aria-hidden="true" /></span>}>
      <span className={css['menuWords']}><strong>{title}</strong><small>{help}</small></span>
    </Menu.Item>
  )
}

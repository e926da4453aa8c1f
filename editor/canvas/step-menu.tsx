/** The list of steps that may come at a place, opened beside it; by mouse or by arrow keys. */
import { Menu } from '@mantine/core'
import type { NodeKind } from '#shared/flow.ts'
import { texts } from '../texts.ts'
import { StepMenuGroups } from '../ui/step-menu-groups.tsx'
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
      <Menu.Dropdown aria-label={texts.canvas.next} mah="80vh" style={{ overflowY: 'auto' }}>
        <StepMenuGroups kinds={kinds} onPick={onPick} />
      </Menu.Dropdown>
    </Menu>
  )
}

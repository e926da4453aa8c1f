/** A kind of step in a menu: its picture, its name, what it is for. */
import { Menu } from '@mantine/core'
import type { NodeKind } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { fillOf, kindIcons } from './families.ts'
import css from './lists.module.css'

export function StepMenuItem({ kind, disabled = false, onPick }: { readonly kind: NodeKind; readonly disabled?: boolean; readonly onPick: (kind: NodeKind) => void }) {
  const Icon = kindIcons[kind]
  const { title, help } = nodeDescriptions[kind]
  return (
    <Menu.Item disabled={disabled} onClick={() => { onPick(kind) }} leftSection={<span className={css['menuIcon']} style={{ background: fillOf(kind) }}><Icon size={14} aria-hidden="true" /></span>}>
      <span className={css['menuWords']}><strong>{title}</strong><small>{help}</small></span>
    </Menu.Item>
  )
}

/** The steps that can be added: click or Enter puts one behind the chosen step, dragging puts it where it is dropped. */
import { Menu, Tooltip } from '@mantine/core'
import { Plus } from 'lucide-react'
import { nodeKinds, type NodeKind } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { byFamily, inkOf, kindIcons } from '../ui/families.ts'
import { texts } from '../texts.ts'
import { StepMenuGroups } from '../ui/step-menu-groups.tsx'
import { dragKind } from './drag-kind.ts'
import css from './palette.module.css'

export function Palette({ onAdd }: { readonly onAdd: (kind: NodeKind) => void }) {
  return (
    <div className={css['palette']} role="toolbar" aria-label={texts.palette.label} aria-orientation="vertical">
      <Menu width={268} position="right-start">
        <Menu.Target><button type="button" className={css['add']} aria-label={texts.palette.add}><Plus size={16} aria-hidden="true" /></button></Menu.Target>
        <Menu.Dropdown mah="80vh" style={{ overflowY: 'auto' }}><StepMenuGroups kinds={nodeKinds} onPick={onAdd} /></Menu.Dropdown>
      </Menu>
      {byFamily(nodeKinds).map(({ family, kinds }) => (
        <fieldset key={family} className={css['family']} aria-label={texts.palette.families[family]}>
          {kinds.map((kind) => <Kind key={kind} kind={kind} onAdd={onAdd} />)}
        </fieldset>
      ))}
    </div>
  )
}

function Kind({ kind, onAdd }: { readonly kind: NodeKind; readonly onAdd: (kind: NodeKind) => void }) {
  const Icon = kindIcons[kind]
  const words = texts.palette.drag(nodeDescriptions[kind].title)
  return (
    <Tooltip label={words} position="right">
      <button type="button" draggable data-kind={kind} aria-label={words} style={{ color: inkOf(kind) }}
        onDragStart={(event) => { dragKind.put(event.dataTransfer, kind) }}
        onClick={() => { onAdd(kind) }}>
        <Icon size={16} strokeWidth={1.8} aria-hidden="true" />
      </button>
    </Tooltip>
  )
}

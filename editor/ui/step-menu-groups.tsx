/** Kinds of steps in a menu, each family under its name. */
import { Menu } from '@mantine/core'
import { Fragment } from 'react'
import type { NodeKind } from '#shared/flow.ts'
import { texts } from '../texts.ts'
import { byFamily } from './families.ts'
import { StepMenuItem } from './step-menu-item.tsx'

export function StepMenuGroups({ kinds, onPick }: { readonly kinds: readonly NodeKind[]; readonly onPick: (kind: NodeKind) => void }) {
  return byFamily(kinds).map(({ family, kinds: ofFamily }) => (
    <Fragment key={family}>
      <Menu.Label>{texts.palette.families[family]}</Menu.Label>
      {ofFamily.map((kind) => <StepMenuItem key={kind} kind={kind} onPick={onPick} />)}
    </Fragment>
  ))
}

/** Picks a field of the mail by searching its name or its value; each stands beside what the sample mail holds in it. */
import { Combobox, useCombobox } from '@mantine/core'
import { useMemo, useState, type ReactNode } from 'react'
import css from './mapper.module.css'
import { searchFields, type PickField } from './pick-fields.ts'

/** More than anyone reads; the search finds the rest. */
const mostShown = 60

export interface FieldPickerProps {
  readonly fields: readonly PickField[]
  readonly onPick: (path: string) => void
  /** The button's content. */
  readonly children: ReactNode
  readonly label: string
  /** A quiet link, or a box like the other inputs. */
  readonly look: 'link' | 'box'
}

export function FieldPicker({ fields, onPick, children, label, look }: FieldPickerProps) {
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      combobox.focusTarget()
      setSearch('')
    },
    onDropdownOpen: () => { combobox.focusSearchInput() },
  })
  const shown = useMemo(() => searchFields(fields, search, mostShown), [fields, search])
  const nodes = [...new Set(shown.map((field) => field.node))]
  return (
    <Combobox store={combobox} keepMounted={false} width={400} position="bottom-start" shadow="md" onOptionSubmit={(path) => {
      onPick(path)
      combobox.closeDropdown()
    }}>
      <Combobox.Target>
        <button type="button" className={css[look === 'link' ? 'addLink' : 'pickBox']} aria-label={label} onClick={() => { combobox.toggleDropdown() }}>{children}</button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search classNames={{ input: css['search'] ?? '' }} value={search} placeholder="Search by name or value" aria-label="Search fields" onChange={(event) => {
          setSearch(event.currentTarget.value)
          combobox.selectFirstOption()
        }} />
        <Combobox.Options className={css['pickList'] ?? ''}>
          {shown.length === 0 && <Combobox.Empty>No field holds “{search}”</Combobox.Empty>}
          {nodes.map((node) => (
            <Combobox.Group key={node} label={nodes.length > 1 ? node : undefined}>
              {shown.filter((field) => field.node === node).map((field) => (
                <Combobox.Option key={field.path} value={field.path} title={field.path} className={css['pickOption'] ?? ''}>
                  <span>{field.title}{field.kind === 'list' && <small>list</small>}</span>
                  <bdi data-empty={field.shown === '' || undefined}>{field.shown || 'empty in this mail'}</bdi>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

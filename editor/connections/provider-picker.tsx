/** The known providers by name, for those who would rather choose than have the address looked up; it also shows which one was recognised. */
import { Select } from '@mantine/core'
import { providers } from '#shared/provider-table.ts'

const options = [...providers].map(({ id, name }) => ({ value: id, label: name })).sort((a, b) => a.label.localeCompare(b.label))

export interface ProviderPickerProps {
  /** Chosen or recognised; '' for neither. */
  readonly value: string
  readonly onChange: (id: string) => void
}
export function ProviderPicker({ value, onChange }: ProviderPickerProps) {
  return (
    <Select
      label="Provider" placeholder="By the address" searchable clearable data={options} value={value === '' ? null : value} maxDropdownHeight={260} comboboxProps={{ width: 280, position: 'bottom-end' }}
      nothingFoundMessage="Not in the list: type the address, and its servers are looked up."
      filter={({ options: all, search }) => all.filter((option) => 'value' in option && fits(option.value, option.label, search))}
      onChange={(id) => { onChange(id ?? '') }}
    />
  )
}

/** By name, or by a domain its addresses have: who looks for "hotmail" finds Outlook.com. */
export function fits(id: string, name: string, search: string): boolean {
  const words = search.trim().toLowerCase().replace(/^.*@/, '')
  return name.toLowerCase().includes(words) || (providers.find((provider) => provider.id === id)?.domains.some((domain) => domain.startsWith(words)) ?? false)
}

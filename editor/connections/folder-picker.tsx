/** Chooses a folder of a mailbox from what the server has; a name can also be typed, so a sleeping server stops nobody. */
import { Autocomplete, Loader } from '@mantine/core'
import { useState } from 'react'
import type { FolderView } from '#shared/api.ts'
import { sayFailure } from '../api/client.ts'
import { useFolders } from '../api/queries.ts'
import css from './connections.module.css'

export interface FolderPickerProps {
  /** '' while none is chosen. */
  readonly connection: string
  readonly value: string
  readonly onChange: (folder: string) => void
  readonly label?: string | undefined
  readonly error?: string | undefined
  readonly placeholder?: string | undefined
  readonly help?: string | undefined
}

const useWords: Record<Exclude<FolderView['use'], ''>, string> = { inbox: 'inbox', sent: 'sent mail', trash: 'trash', archive: 'archive', junk: 'junk', drafts: 'drafts' }

export function FolderPicker({ connection, value, onChange, label = 'Folder', error, placeholder, help }: FolderPickerProps) {
  // The server is only asked when somebody wants to choose: opening a panel must not log in anywhere.
  const [wanted, setWanted] = useState(false)
  const { data, isFetching, error: refusal } = useFolders(connection, wanted)
  const folders = (data?.folders ?? []).filter((folder) => folder.selectable)
  return (
    <Autocomplete
      label={label} value={value} onChange={onChange} error={error} placeholder={placeholder} maxDropdownHeight={260}
      data={folders.map((folder) => folder.path)} spellCheck={false}
      onFocus={() => { setWanted(true) }}
      description={refusal ? `The folders can't be listed: ${sayFailure(refusal)}` : help} inputWrapperOrder={['label', 'input', 'description', 'error']}
      filter={({ options, search }) => (folders.some((folder) => folder.path === search) ? options : options.filter((option) => 'value' in option && option.value.toLowerCase().includes(search.toLowerCase())))}
      rightSection={isFetching ? <Loader size={14} /> : undefined}
      renderOption={({ option }) => {
        const use = folders.find((folder) => folder.path === option.value)?.use ?? ''
        return <span className={css['option']}><bdi>{option.value}</bdi>{use !== '' && <span>{useWords[use]}</span>}</span>
      }}
    />
  )
}

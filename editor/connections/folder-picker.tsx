/** Chooses a folder of a mailbox from what the server has; a name can also be typed, so a sleeping server stops nobody. */
import { Autocomplete, Loader } from '@mantine/core'
import { Archive, FilePen, Folder, Inbox, Send, ShieldAlert, Trash2, type LucideIcon } from 'lucide-react'
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

const uses: Record<Exclude<FolderView['use'], ''>, { readonly words: string; readonly icon: LucideIcon }> = {
  inbox: { words: 'inbox', icon: Inbox }, sent: { words: 'sent mail', icon: Send }, trash: { words: 'trash', icon: Trash2 }, archive: { words: 'archive', icon: Archive },
  junk: { words: 'junk', icon: ShieldAlert }, drafts: { words: 'drafts', icon: FilePen },
}

export function FolderPicker({ connection, value, onChange, label = 'Folder', error, placeholder, help }: FolderPickerProps) {
  // The server is only asked when somebody wants to choose: opening a panel must not log in anywhere.
  const [wanted, setWanted] = useState(false)
  const { data, isFetching, error: refusal, refetch } = useFolders(connection, wanted)
  const folders = data?.folders ?? []
  const isFolder = (search: string): boolean => folders.some((folder) => folder.path === search)
  const fits = (path: string, search: string): boolean => path.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase())
  return (
    <Autocomplete
      label={label} value={value} onChange={onChange} error={error} placeholder={placeholder} maxDropdownHeight={260}
      // What only holds other folders is shown for the tree's sake.
      data={folders.map((folder) => ({ value: folder.path, label: folder.path, disabled: !folder.selectable }))} spellCheck={false}
      onFocus={() => { setWanted(true) }}
      description={refusal ? <>The folders can't be listed: {sayFailure(refusal)} <button type="button" className={css['again']} onClick={() => { void refetch() }}>Try again</button></> : help} inputWrapperOrder={['label', 'input', 'description', 'error']}
      // The chosen one opens the whole tree; typing searches in it.
      filter={({ options, search }) => (isFolder(search) ? options : options.filter((option) => 'value' in option && fits(option.value, search)))}
      rightSection={isFetching ? <Loader size={14} /> : undefined}
      renderOption={({ option }) => <FolderOption path={option.value} folder={folders.find(({ path }) => path === option.value)} asTree={value.trim() === '' || isFolder(value)} />}
    />
  )
}

function FolderOption({ path, folder, asTree }: { readonly path: string; readonly folder: FolderView | undefined; readonly asTree: boolean }) {
  const use = folder === undefined || folder.use === '' ? null : uses[folder.use]
  const Icon = use?.icon ?? Folder
  return (
    <span className={css['option']} title={path} style={asTree && folder !== undefined ? { paddingInlineStart: Math.min(folder.depth, deepest) * 14 } : undefined}>
      <Icon size={14} aria-hidden="true" /><bdi>{asTree && folder !== undefined ? folder.name : path}</bdi>{use !== null && <span>{use.words}</span>}
    </span>
  )
}
/** Deeper ones would have no room for their names. */
const deepest = 8

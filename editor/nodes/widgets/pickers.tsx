/** Fields that choose a mail account or a folder in it. */
import { connectionKinds, type ConnectionKind } from '#shared/connection.ts'
import type { Flow } from '#shared/flow.ts'
import { nodesBefore } from '#shared/flow-order.ts'
import { isJsonObject, type JsonObject } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { isFieldUsed } from '#shared/used-fields.ts'
import { ConnectionPicker } from '#editor/connections/connection-picker.tsx'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { useDeskState } from '#editor/store/desk.ts'
import { findNode } from '#editor/store/edits.ts'
import { texts } from '#editor/texts.ts'
import { SecondsInput } from './duration.tsx'
import { InsertHole } from './insert-hole.tsx'
import { line, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const allowed = (kinds: readonly string[] | undefined): readonly ConnectionKind[] => connectionKinds.filter((kind) => kinds === undefined || kinds.includes(kind))

export function ConnectionWidget({ field, value, onChange, error, help }: WidgetProps) {
  return <ConnectionPicker kinds={allowed(field.meta.connectionKinds)} value={textOf(value)} label={field.meta.title} error={line(error)} description={line(help)} onChange={onChange} />
}

export function FolderWidget({ field, node, value, config, onChange, error, help }: WidgetProps) {
  const flow = useDeskState((state) => state.flow)
  return (
    <InsertHole node={node} title={field.meta.title} text={textOf(value)} on={field.meta.template === true} onChange={onChange}>
      <FolderPicker connection={connectionFor(flow, node, config)} value={textOf(value)} label={field.meta.title} error={line(error)} help={line(help)} placeholder={field.meta.placeholder} onChange={onChange} />
    </InsertHole>
  )
}

/** A step that works on the run's own mail has its mailbox from where the mail came in. */
function connectionFor(flow: Flow, node: string, config: JsonObject): string {
  const kind = findNode(flow, node)?.kind
  if (kind === undefined || isFieldUsed(nodeDescriptions[kind].config, 'connection', config)) return textOf(config['connection'])
  const before = nodesBefore(flow, node)
  return textOf(flow.nodes.find((one) => before.has(one.id) && nodeDescriptions[one.kind].trigger)?.config['connection'])
}

/** Where to look for a mail whose fate is unknown: usually the sent folder of the same account. */
export function ProbeWidget({ field, value, onChange, error }: WidgetProps) {
  const probe = isJsonObject(value) ? value : {}
  const connection = textOf(probe['connection'])
  return (
    <fieldset className={css['fieldset']}>
      <legend>{field.meta.title}</legend>
      <div className={css['pair']}>
        <ConnectionPicker kinds={['imap']} value={connection} label={texts.field.probeIn} onChange={(next) => { onChange({ ...probe, connection: next }) }} error={connection === '' ? line(error) : undefined} />
        <FolderPicker connection={connection} value={textOf(probe['folder'])} label={texts.field.folder} placeholder={texts.field.sentFolder} onChange={(folder) => { onChange({ ...probe, folder }) }} error={connection === '' ? undefined : line(error)} />
      </div>
      {field.key === 'probe' && <SecondsInput label={texts.field.probeFor} seconds={typeof probe['forSeconds'] === 'number' ? probe['forSeconds'] : 180} onChange={(forSeconds) => { onChange({ ...probe, forSeconds }) }} />}
    </fieldset>
  )
}

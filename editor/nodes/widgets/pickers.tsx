/** Fields that choose a mail account or a folder in it. */
import { connectionKinds, type ConnectionKind } from '#shared/connection.ts'
import type { Flow } from '#shared/flow.ts'
import { nodesBefore } from '#shared/flow-order.ts'
import type { JsonObject } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { isFieldUsed } from '#shared/used-fields.ts'
import { ConnectionPicker } from '#editor/connections/connection-picker.tsx'
import { FolderPicker } from '#editor/connections/folder-picker.tsx'
import { useDeskState } from '#editor/store/desk.ts'
import { findNode } from '#editor/store/edits.ts'
import { InsertHole } from './insert-hole.tsx'
import { line, textOf, type WidgetProps } from './widget.ts'

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

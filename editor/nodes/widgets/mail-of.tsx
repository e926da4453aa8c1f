/** Which mail a step works on: the one that started the run, or one that a step in front fetches. */
import { Select } from '@mantine/core'
import { nodesBefore } from '#shared/flow-order.ts'
import { useDeskState } from '#editor/store/desk.ts'
import { nodeName } from '#editor/store/edits.ts'
import { texts } from '#editor/texts.ts'
import { line, textOf, type WidgetProps } from './widget.ts'

export function MailOfWidget({ field, node, value, onChange, error, help }: WidgetProps) {
  const flow = useDeskState((state) => state.flow)
  const before = nodesBefore(flow, node)
  const chosen = textOf(value)
  const fetching = flow.nodes.filter((one) => before.has(one.id) && one.kind === 'fetch-mail').map((one) => ({ value: String(one.id), label: texts.field.fetchedBy(nodeName(one)) }))
  // What stands in the file stays to be seen, with what is wrong with it.
  const lost = chosen === '' || fetching.some((one) => one.value === chosen) ? [] : [{ value: chosen, label: texts.field.unknownStep(chosen) }]
  return (
    <Select label={field.meta.title} value={chosen} data={[{ value: '', label: texts.field.mailOfRun }, ...fetching, ...lost]} description={line(help)} error={line(error)} inputWrapperOrder={['label', 'input', 'description', 'error']}
      onChange={(next) => { if (next !== null) onChange(next === '' ? undefined : next) }} />
  )
}

/** Map Data: fills the fields of the step behind it, row by row. */
import { z } from 'zod'
import { rowSchema, sourceOf } from '../mapping/mapping.ts'
import { outgoingShape } from '../shape.ts'
import { describeNode, field } from './node.ts'

const sayRow = (row: z.infer<typeof rowSchema>): string => {
  const source = sourceOf(row)
  if (source === 'value') return typeof row.value === 'string' ? row.value || 'nothing typed yet' : JSON.stringify(row.value)
  if (source === 'template') return row.template ?? ''
  if (source === 'expression') return 'by expression'
  const names = (row.from ?? []).map((path) => `{${path.split('.').slice(1).join('.')}}`).join(' ')
  const prefix = row.through?.find((step) => step.fn === 'prepend')?.['text']
  return typeof prefix === 'string' ? `${prefix}${names}` : names
}

export const mapData = describeNode({
  kind: 'map-data',
  family: 'map',
  title: 'Map data',
  help: 'Says which field of the outgoing mail gets which value.',
  trigger: false,
  effect: false,
  ports: { in: true, out: true },
  input: null,
  output: outgoingShape,
  config: z.object({
    rows: field(z.array(rowSchema).max(500).default([]), { title: 'Fields', widget: 'rows' }),
  }).strict(),
  card: (config) => {
    const parsed = z.array(rowSchema).safeParse(config['rows'] ?? [])
    const rows = parsed.success ? parsed.data : []
    const shown = ['subject', 'to'].flatMap((to) => rows.filter((row) => row.to === to)).slice(0, 2)
    const titles: Record<string, string> = { subject: 'Subject', to: 'To' }
    return {
      subtitle: rows.length === 0 ? 'nothing mapped yet' : `${rows.length} field${rows.length === 1 ? '' : 's'} mapped`,
      lines: shown.map((row) => ({ label: titles[row.to] ?? row.to, value: sayRow(row) })),
    }
  },
})
export type MapDataConfig = z.infer<typeof mapData.config>

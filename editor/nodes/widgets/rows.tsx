/** The mapping's rows; the mapper itself loads when the first mapping is opened. */
import { lazy, Suspense } from 'react'
import { z } from 'zod'
import type { Json } from '#shared/json.ts'
import { rowSchema, type Row } from '#shared/mapping/mapping.ts'
import { useDeskState } from '#editor/store/desk.ts'
import { Loading } from '#editor/ui/loading.tsx'
import type { WidgetProps } from './widget.ts'

const MappingForm = lazy(async () => ({ default: (await import('#editor/mapper/mapping-form.tsx')).MappingForm }))
const rowsSchema = z.array(rowSchema)

export function RowsWidget({ node, value, onChange }: WidgetProps) {
  const flow = useDeskState((state) => state.flow)
  const rows = rowsSchema.safeParse(value ?? [])
  return (
    <Suspense fallback={<Loading what="the mapping" />}>
      {/* Rows are JSON by their schema. */}
      <MappingForm rows={rows.success ? rows.data : []} flow={flow} nodeId={node} onChange={(next: readonly Row[]) => { onChange(next as unknown as Json) }} />
    </Suspense>
  )
}

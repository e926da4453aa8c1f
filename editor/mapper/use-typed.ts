/** What is typed into the next step, with its holes filled from the sample mail; a hole that can't be filled stays as it was typed. */
import { useEffect, useMemo, useState } from 'react'
import type { FlowNode } from '#shared/flow.ts'
import type { Json, JsonObject } from '#shared/json.ts'
import type { Mapped, Scope } from '#shared/mapping/evaluate.ts'
import { runTask } from '#shared/mapping/task.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { compileTyped, type TypedHoles } from '#shared/sending/typed-fields.ts'
import type { Ground } from './use-mapped.ts'

export function useTyped(next: FlowNode | null, ground: Ground, scope: Scope, nodeId: string, mapped: Pick<Mapped, 'value'>): JsonObject {
  const config = JSON.stringify(next?.config ?? {})
  const holes = useMemo(() => compileTyped(JSON.parse(config) as JsonObject /* was one a line above */, { ...ground.sources, [nodeId]: nodeDescriptions['map-data'].output }), [config, ground, nodeId])
  const [filled, setFilled] = useState<JsonObject>({})
  useEffect(() => {
    let current = true
    void fillAll(holes, { ...scope, [nodeId]: mapped.value }).then((done) => { if (current) setFilled(done) })
    return () => { current = false }
  }, [holes, scope, nodeId, mapped])
  return filled
}

export async function fillAll(holes: TypedHoles, scope: Scope): Promise<JsonObject> {
  const filled: Record<string, Json> = {}
  for (const [name, fill] of holes) {
    try {
      filled[name] = await runTask(fill(scope))
    } catch {
      // The step's own form says what is wrong with it.
    }
  }
  return filled
}

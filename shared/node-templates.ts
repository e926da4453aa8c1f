/** The texts of a step's form that may have holes for fields of earlier steps, as they stand in the file. */
import type { FlowNode } from './flow.ts'
import { fieldMeta } from './flow-words.ts'
import { isJsonObject, type Json } from './json.ts'
import type { Sources } from './mapping/compile.ts'
import { nodeDescriptions } from './nodes/index.ts'
import { isFieldUsed } from './used-fields.ts'

export interface TemplateText { readonly field: string; readonly text: string; /** What it may name beside the steps in front. */ readonly holes: Sources }

/** Those of settings that another choice has put out of use are left out. */
export function templatesOf(node: Pick<FlowNode, 'kind' | 'config'>): readonly TemplateText[] {
  const { config } = nodeDescriptions[node.kind]
  return Object.keys(config.shape).flatMap((name) => {
    const meta = fieldMeta(config, name)
    return meta?.template === true && isFieldUsed(config, name, node.config) ? textsIn(node.config[name], name).map((one) => ({ ...one, holes: meta.holes?.() ?? {} })) : []
  })
}

/** A search holds several texts, one of them a level deeper. */
const textsIn = (value: Json | undefined, field: string): readonly Pick<TemplateText, 'field' | 'text'>[] =>
  typeof value === 'string' ? [{ field, text: value }] : isJsonObject(value) ? Object.entries(value).flatMap(([name, inner]) => textsIn(inner, `${field}.${name}`)) : []

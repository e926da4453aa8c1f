/** The one catalogue of mapping functions: chips, expressions, the checker, the picker and docs/mapping.md all read it. */
import type { Json, JsonObject } from '#shared/json.ts'
import type { MappingStep } from '../mapping.ts'
import { addressFunctions } from './address.ts'
import { dateFunctions } from './date.ts'
import type { MappingFunction } from './function.ts'
import { htmlFunctions } from './html.ts'
import { listFunctions } from './list.ts'
import { lookupFunctions } from './lookup.ts'
import { numberFunctions } from './number.ts'
import { textFunctions } from './text.ts'

export type { FunctionGroup, FunctionParam, MappingFunction } from './function.ts'

export const mappingFunctions: readonly MappingFunction[] = [
  ...textFunctions, ...addressFunctions, ...dateFunctions, ...listFunctions, ...htmlFunctions, ...numberFunctions, ...lookupFunctions,
]

export const functionGroups: Readonly<Record<MappingFunction['group'], string>> = {
  text: 'Text', address: 'Addresses', date: 'Dates', list: 'Lists', html: 'HTML', number: 'Numbers', lookup: 'Choosing',
}

const byName = new Map(mappingFunctions.map((spec) => [spec.name, spec]))
export const findFunction = (name: string): MappingFunction | null => byName.get(name) ?? null

/** The step's arguments with the defaults of those left out. */
export const readArgs = (spec: MappingFunction, step: MappingStep): JsonObject =>
  // Saved rows are JSON (rowSchema reads nothing else), so every argument is.
  Object.fromEntries(spec.params.map(({ name, default: fallback }) => [name, Object.hasOwn(step, name) ? (step[name] as Json) : fallback]))

/** Functions that need pattern.ts loaded before they are called. */
export const usesPatterns = (spec: MappingFunction): boolean => spec.params.some(({ kind }) => kind === 'pattern')

/** Brings flow files of older formats up to today's, one format at a time; each step is pure and tested with a frozen old file. */
import { flowFormat } from './flow.ts'
import { isJsonObject, type JsonObject } from './json.ts'

/** Step n makes a file of format n + 1 from one of format n. Format 1 is the first, so there is none yet. */
const steps: Readonly<Record<number, (flow: JsonObject) => JsonObject>> = {}

export type Upgrade = { readonly flow: JsonObject } | { readonly problem: string }

export function upgradeFlow(file: unknown): Upgrade {
  if (!isJsonObject(file)) return { problem: 'This is no flow file: what is in it must stand in braces, { and }.' }
  const { format } = file
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    return { problem: `The file does not say which format it has. Add "format": ${flowFormat}.` }
  }
  if (format > flowFormat) return { problem: `The file is of format ${format}; this version reads up to ${flowFormat}. Update Mailweave to open it.` }
  let flow = file
  for (let from = format; from < flowFormat; from += 1) flow = steps[from]?.(flow) ?? flow
  return { flow }
}

/** `mailweave functions [--json]`: the catalogue of mapping functions. */
import { mappingFunctions } from '#shared/mapping/functions/index.ts'
import type { Command } from '../command.ts'

export const functions: Command = (words) => {
  if (words.includes('--json')) console.log(JSON.stringify(mappingFunctions.map(({ call: _, ...facts }) => facts), null, 2))
  else for (const one of mappingFunctions) console.log(`${one.name.padEnd(16)}${one.help}`)
  return Promise.resolve(0)
}

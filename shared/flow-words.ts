/** Turns what the schemas find wrong into words for people who never saw a schema, naming the field by its title. */
import { z } from 'zod'
import type { FieldMeta } from './nodes/node.ts'

type Issue = z.core.$ZodIssue

/** The form's facts of one config field. */
export function fieldMeta(config: z.ZodObject, name: string): FieldMeta | null {
  const schema: unknown = Object.hasOwn(config.shape, name) ? config.shape[name] : undefined
  // Every config field is made by `field`, which gives it exactly this meta; a foreign one has no title and reads as null.
  const meta = schema instanceof z.ZodType ? (schema.meta() as FieldMeta | undefined) : undefined
  return meta?.title ? meta : null
}

/** One sentence with what to do. `title` is the field's name on the form. */
export function sayIssue(issue: Issue, title: string): string {
  // A schema that brings its own words knows best; zod's own begin like these.
  if (!/^(Invalid|Too (small|big)|Unrecognized)/.test(issue.message)) return endSentence(issue.message)
  switch (issue.code) {
    case 'invalid_type': return issue.input === undefined && /received undefined/.test(issue.message) ? `Fill in "${title}".` : `"${title}" must be ${sayType(issue.expected)}.`
    case 'too_small': return issue.origin === 'number' || issue.origin === 'int' ? `"${title}" must be at least ${String(issue.minimum)}.` : `Fill in "${title}".`
    case 'too_big': return issue.origin === 'string' ? `"${title}" is too long; at most ${String(issue.maximum)} letters fit.` : `"${title}" may be ${String(issue.maximum)} at most.`
    case 'invalid_value': return `"${title}" must be one of: ${issue.values.map(String).join(', ')}.`
    case 'unrecognized_keys': return `"${title}" knows no ${issue.keys.slice(0, 5).map((key) => `"${key.slice(0, 60)}"`).join(', ')}. Remove it, or check the spelling.`
    case 'invalid_format': case 'invalid_union': case 'not_multiple_of': case 'invalid_key': case 'invalid_element': case 'custom':
      return `"${title}" has a value that can't be used. Choose it again.`
  }
}

const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function sayType(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text', number: 'a number', int: 'a whole number', boolean: 'either true or false', array: 'a list', object: 'a group of fields in braces', record: 'a group of fields in braces',
  }
  return words[expected] ?? 'of another kind'
}

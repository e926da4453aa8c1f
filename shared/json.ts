/** JSON as a type: what may be stored, sent to the editor and mapped. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text of a draft's config, or the given words when it is missing or no text. */
export const textOr = (value: unknown, words: string): string => (typeof value === 'string' && value !== '' ? value : words)

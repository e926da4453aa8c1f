/** Every bound of the mapping language with its reason: what a flow makes of a hostile mail stays small and ends. */

/** Longest text a function, template or expression may make: the mail model's body bound (8 Mi) with room for what a mapping adds. */
export const maxTextChars = 16 * 1024 * 1024
/** Longest list a function may make: ten times the addresses a mail may carry. */
export const maxListItems = 100_000
/** A pattern this long is no longer written by a person. */
export const maxPatternChars = 1000
/** Compiled patterns, expressions and date formats kept; a flow has a few, an editor session some dozens. */
export const keptCompiled = 200
/** Expressions: one that needs longer than 2 s on one mail is wrong; nesting and list length as in the reference measurements. */
export const expression = { timeoutMs: 2000, depth: 500, items: 100_000 } as const
/** Blocks inside blocks of a template; people reach 3. */
export const maxTemplateDepth = 20
/** Width that `pad` fills up to, and digits that numbers are rounded to (an IEEE double holds 15 to 17). */
export const maxPad = 1000
export const maxDigits = 15

/**
 * Templates: text with holes, `{{receive.subject}}`, `{{#if x}}…{{else}}…{{/if}}`, `{{#each list}}…{{/each}}`. A hole holds
 * a path or a JSONata expression; words in quotes stand for themselves, so `{{"{{"}}` writes two braces. In HTML whatever
 * comes out of a hole is escaped, unless its field is HTML itself.
 */
import { htmlToText } from '../html-text.ts'
import type { Json } from '../json.ts'
import { evaluateExpression } from './expression.ts'
import { cleanForeign } from './foreign-html.ts'
import { textToHtml } from './html.ts'
import { maxListItems, maxTemplateDepth, maxTextChars } from './limits.ts'
import { compilePath, type ReadPath, type Scope } from './paths.ts'
import { waitFor, type Task } from './task.ts'
import { clipText, isTrue, toList, toText } from './values.ts'

export interface TemplateProblem { readonly say: string; readonly line: number; readonly column: number }
/** What a hole asks for, with where it stands; `inEach` when `this` means something there. */
export interface TemplateHole { readonly text: string; readonly isPath: boolean; readonly inEach: boolean; readonly line: number; readonly column: number }
export interface Template {
  readonly problem: TemplateProblem | null
  readonly holes: readonly TemplateHole[]
  readonly render: (scope: Scope) => Task<string>
}
export interface TemplateTarget {
  readonly html: boolean
  /** Whether the field at this path holds HTML. */
  readonly isHtml: (path: string) => boolean
  /** Whether somebody outside wrote it. */
  readonly isForeign?: (path: string) => boolean
  /** Named when an expression in a hole fails. */
  readonly field: string
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hole'; readonly read: Read; readonly write: (value: Json) => string }
  | { readonly kind: 'if'; readonly read: Read; readonly yes: Part[]; readonly no: Part[] }
  | { readonly kind: 'each'; readonly read: Read; readonly body: Part[] }
type Read = { readonly path: ReadPath } | { readonly expression: string }
interface Block { readonly name: 'if' | 'each'; readonly place: { line: number; column: number }; readonly parts: Part[]; into: Part[]; readonly otherwise: Part[] }

class TemplateError extends Error {
  readonly at: number
  constructor(say: string, at: number) {
    super(say)
    this.at = at
  }
}

/** Never throws; a template with a problem renders to nothing. */
export function compileTemplate(text: string, target: TemplateTarget): Template {
  const holes: TemplateHole[] = []
  try {
    const parts = parse(text, target, holes)
    return { problem: null, holes, render: (scope) => renderAll(parts, scope, target.field) }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { problem: { say: error.message, ...makePlacer(text)(error.at) }, holes, render: (scope) => renderAll([], scope, target.field) }
  }
}

/** Where a text can't be read as a template; null when it can. */
export const templateProblem = (text: string): TemplateProblem | null => compileTemplate(text, { html: false, isHtml: () => false, field: '' }).problem

function parse(text: string, target: TemplateTarget, holes: TemplateHole[]): readonly Part[] {
  const root: Part[] = []
  const blocks: Block[] = []
  const placeAt = makePlacer(text)
  let from = 0
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', from)) {
    const into = blocks.at(-1)?.into ?? root
    if (open > from) into.push({ kind: 'text', text: text.slice(from, open) })
    const close = endOfHole(text, open + 2)
    if (close < 0) throw new TemplateError('"{{" is never closed with "}}"', open)
    const inside = text.slice(open + 2, close).trim()
    from = close + 2
    readTag(inside, open, into)
  }
  const last = blocks.at(-1)
  if (last) throw new TemplateError(`"{{#${last.name}}}" is never closed with "{{/${last.name}}}"`, positionOf(text, last.place))
  if (from < text.length) root.push({ kind: 'text', text: text.slice(from) })
  return root

  function readTag(inside: string, open: number, into: Part[]): void {
    const start = /^#(if|each)\s+([^]+)$/.exec(inside)
    if (start) return openBlock(start[1] === 'if' ? 'if' : 'each', start[2] ?? '', open, into)
    if (inside === 'else') return turnBlock(open)
    if (inside === '/if' || inside === '/each') return closeBlock(inside.slice(1), open)
    if (inside.startsWith('#') || inside.startsWith('/')) throw new TemplateError(`"{{${inside.slice(0, 40)}}}" is not known; there are #if, else, /if, #each and /each`, open)
    if (inside === '') throw new TemplateError('"{{}}" is empty', open)
    const words = quoted.exec(inside)
    if (words) {
      into.push({ kind: 'text', text: writerFor(inside, target)(words[1] ?? words[2] ?? '') })
      return
    }
    into.push({ kind: 'hole', read: readHole(inside, open), write: writerFor(inside, target) })
  }
  function openBlock(name: 'if' | 'each', subject: string, open: number, into: Part[]): void {
    if (blocks.length >= maxTemplateDepth) throw new TemplateError(`more than ${maxTemplateDepth} blocks inside each other`, open)
    const read = readHole(subject.trim(), open)
    const parts: Part[] = []
    const otherwise: Part[] = []
    into.push(name === 'if' ? { kind: 'if', read, yes: parts, no: otherwise } : { kind: 'each', read, body: parts })
    blocks.push({ name, place: placeAt(open), parts, into: parts, otherwise })
  }
  function turnBlock(open: number): void {
    const block = blocks.at(-1)
    if (block?.name !== 'if' || block.into !== block.parts) throw new TemplateError('"{{else}}" stands outside of "{{#if}}"', open)
    block.into = block.otherwise
  }
  function closeBlock(name: string, open: number): void {
    const block = blocks.pop()
    if (block?.name !== name) throw new TemplateError(`"{{/${name}}}" closes nothing that is open`, open)
  }
  function readHole(inside: string, open: number): Read {
    const isPath = simplePath.test(inside)
    holes.push({ text: inside, isPath, inEach: blocks.some(({ name }) => name === 'each'), ...placeAt(open) })
    return isPath ? { path: compilePath(inside) } : { expression: inside }
  }
}

/** Names between dots. A hyphen belongs to the name, as in `receive.headers.X-Ticket`; to subtract, put blanks around it. */
const simplePath = /^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/

/** Needs no engine to be worked out. */
const quoted = /^(?:"([^"\\]*)"|'([^'\\]*)')$/

/** The `}}` that ends the hole: braces and quotes of an expression are stepped over. -1 when there is none. */
export function endOfHole(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '"' || letter === '\'' || letter === '`') at = endOfQuote(text, at, letter)
    else if (letter === '{') depth += 1
    else if (letter === '}' && depth > 0) depth -= 1
    else if (letter === '}' && text[at + 1] === '}') return at
  }
  return -1
}

function endOfQuote(text: string, open: number, quote: string): number {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at
  }
  return text.length
}

function writerFor(inside: string, target: TemplateTarget): (value: Json) => string {
  const fromHtml = simplePath.test(inside) && target.isHtml(inside)
  if (fromHtml && target.html && target.isForeign?.(inside) === true) return (value) => cleanForeign(toText(value))
  if (fromHtml === target.html) return toText
  return fromHtml ? (value) => htmlToText(toText(value)) : (value) => textToHtml(toText(value))
}

function* renderAll(parts: readonly Part[], scope: Scope, field: string): Task<string> {
  let text = ''
  for (const part of parts) {
    text += part.kind === 'text' ? part.text : yield* renderPart(part, scope, field)
    if (text.length > maxTextChars) return clipText(text)
  }
  return text
}

function* renderPart(part: Exclude<Part, { kind: 'text' }>, scope: Scope, field: string): Task<string> {
  const value = 'path' in part.read ? part.read.path(scope) : yield* waitFor(evaluateExpression(part.read.expression, scope, field))
  if (part.kind === 'hole') return part.write(value)
  if (part.kind === 'if') return yield* renderAll(isTrue(value) ? part.yes : part.no, scope, field)
  let text = ''
  for (const item of toList(value).slice(0, maxListItems)) {
    text += yield* renderAll(part.body, { ...scope, this: item }, field)
    if (text.length > maxTextChars) return clipText(text)
  }
  return text
}

/** Lines and columns of ascending positions, each line counted once: a template of nothing but holes stays linear. */
function makePlacer(text: string): (position: number) => { line: number; column: number } {
  let line = 1
  let lineStart = 0
  let next = text.indexOf('\n')
  return (position) => {
    while (next >= 0 && next < position) {
      line += 1
      lineStart = next + 1
      next = text.indexOf('\n', lineStart)
    }
    return { line, column: position - lineStart + 1 }
  }
}

function positionOf(text: string, place: { line: number; column: number }): number {
  let start = 0
  for (let line = 1; line < place.line; line += 1) start = text.indexOf('\n', start) + 1
  return start + place.column - 1
}

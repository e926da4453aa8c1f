/** Writes flowing text line by line: spaces collapse, blocks stand apart, quotes and lists carry their mark on every line. */

/** Deeper quotes and lists look like these, so that marks never outgrow the text. */
const deepest = 5
/** Pieces joined at a time: millions of them at once would weigh many times their text. */
const piecesHeld = 4096
/** A link's words are compared with its address; more than this is no address. */
const mostCaptured = 4096

export interface TextWriter {
  text(words: string): void
  lineBreak(): void
  /** Ends the line; 2 leaves one line empty. */
  block(newlines: 1 | 2): void
  cell(): void
  rule(): void
  quote(by: 1 | -1): void
  openList(numbered: boolean): void
  closeList(): void
  inList(): boolean
  item(): void
  keepSpace(by: 1 | -1): void
  /** From here on the words are also kept for `captured`, at least its first ones. */
  capture(): void
  captured(): string
  done(): string
}

const quoteMark = (depth: number): string => '> '.repeat(Math.min(depth, deepest))

export function makeTextWriter(): TextWriter {
  let whole = ''
  let pieces: string[] = []
  let kept: string | null = null
  const put = (piece: string) => {
    if (piece === '') return
    pieces.push(piece)
    if (kept !== null && kept.length < mostCaptured) kept += piece
    if (pieces.length < piecesHeld) return
    whole += pieces.join('')
    pieces = []
  }
  /** Numbers of the open lists: 0 for bullets, else the next number. */
  const lists: number[] = []
  let quotes = 0
  /** The shallowest quote since the last word: an empty line between blocks belongs to it. */
  let quotesBetween = 0
  let preserved = 0
  let newlines = 0
  let space = false
  let tab = false
  let marker = ''
  let empty = true

  /** Writes the line ends and marks that stand before the next word. */
  const begin = () => {
    if (empty || newlines > 0) {
      if (!empty) put(newlines > 1 ? `\n${quoteMark(quotesBetween).trimEnd()}\n` : '\n')
      put(`${quoteMark(quotes)}${'  '.repeat(Math.min(Math.max(lists.length - 1, 0), deepest))}${marker === '' && lists.length > 0 ? '  ' : marker}`)
      empty = false
    } else if (tab) put('\t')
    else if (space) put(' ')
    marker = ''
    newlines = 0
    space = false
    tab = false
    quotesBetween = quotes
  }
  const words = (text: string) => {
    const tidy = text.replace(/[\t\n\f\r ]+/g, ' ')
    if (tidy === '') return
    const from = tidy.startsWith(' ') ? 1 : 0
    const to = tidy.length > from && tidy.endsWith(' ') ? tidy.length - 1 : tidy.length
    if (from > 0) space = true
    if (to > from) {
      begin()
      put(tidy.slice(from, to))
      space = to < tidy.length
    }
  }
  const block = (count: 1 | 2) => {
    if (!empty) newlines = Math.max(newlines, count)
    space = false
    tab = false
  }
  const lineBreak = () => {
    if (!empty) newlines = Math.min(2, newlines + 1)
    space = false
    tab = false
  }
  const verbatim = (text: string) => {
    text.split(/\r\n|\n|\r/).forEach((line, index) => {
      if (index > 0) lineBreak()
      if (line !== '') {
        begin()
        put(line)
      }
    })
  }
  return {
    text: (text) => { (preserved > 0 ? verbatim : words)(text) },
    lineBreak,
    block,
    cell: () => { tab = newlines === 0 && !empty },
    rule: () => {
      block(1)
      begin()
      put('-----')
      block(1)
    },
    quote: (by) => {
      quotes = Math.max(0, quotes + by)
      quotesBetween = Math.min(quotesBetween, quotes)
    },
    openList: (numbered) => { lists.push(numbered ? 1 : 0) },
    closeList: () => { lists.pop() },
    inList: () => lists.length > 0,
    item: () => {
      const number = lists.at(-1) ?? 0
      if (number > 0) lists[lists.length - 1] = number + 1
      marker = number > 0 ? `${number}. ` : '- '
    },
    keepSpace: (by) => { preserved = Math.max(0, preserved + by) },
    capture: () => { kept = '' },
    captured: () => {
      const words = kept ?? ''
      kept = null
      return words
    },
    // Hard spaces are layout in mails; soft hyphens and zero-width fillers are invisible, and would break searches.
    done: () => (whole + pieces.join('')).replaceAll('\u00a0', ' ').replace(/\u00ad|\u034f|\u200b|\ufeff/g, '').replace(/(^|[^ \t\n])[ \t]+$/gm, '$1').trim(),
  }
}

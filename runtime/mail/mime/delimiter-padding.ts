/**
 * Takes away the blanks that gateways leave behind multipart delimiters. RFC 2046 section 5.1.1 allows them, mailparser
 * does not know them and would lose every part behind one. Only lines that are a delimiter of this mail change.
 */
import { Transform } from 'node:stream'

/** A line longer than this is no delimiter (boundaries have at most 70 characters), so it need not be held back. */
const longestHeld = 1000
const boundaryParameter = /boundary\s{0,9}=\s{0,9}(?:"([^"\r\n]{1,200})"|([^\s";]{1,200}))/gi
const paddedLine = /(^|\n)--([^\r\n]{0,200}[^\r\n \t])[ \t]{1,200}(?=\r?\n|$)/g

/** @param contentType the mail's own, which names the outermost boundary */
export function makePaddingStripper(contentType: string): Transform {
  const boundaries = new Set<string>()
  const learn = (text: string) => {
    for (const found of text.matchAll(boundaryParameter)) boundaries.add((found[1] ?? found[2] ?? '').trimEnd())
  }
  learn(contentType)
  const isDelimiter = (line: string) => boundaries.has(line) || (line.endsWith('--') && boundaries.has(line.slice(0, -2)))
  /** The line that the next chunk goes on with. */
  let held = ''
  /** Its beginning has been handed on already. */
  let midLine = false
  const strip = (text: string): Buffer => {
    if (text.includes('oundary') || text.includes('OUNDARY')) learn(text)
    return Buffer.from(text.replace(paddedLine, (whole: string, before: string, line: string) => (isDelimiter(line) && !(midLine && before === '') ? `${before}--${line}` : whole)), 'latin1')
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = held + chunk.toString('latin1')
      const end = text.lastIndexOf('\n') + 1
      const isLong = text.length - end > longestHeld
      const whole = isLong ? text.length : end
      held = text.slice(whole)
      const out = strip(text.slice(0, whole))
      if (whole > 0) midLine = isLong
      done(null, out)
    },
    flush(done) {
      done(null, strip(held))
    },
  })
}

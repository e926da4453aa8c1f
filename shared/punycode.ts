/** Punycode (RFC 3492), the writing of one non-ASCII domain label in ASCII: encoding only, as sending needs no more. */

// The constants of RFC 3492 section 5.
const base = 36
const tMin = 1
const tMax = 26
const skew = 38
const damp = 700
const initialBias = 72
const initialN = 128

/** The label without its `xn--`. The caller has checked that it is a fit label and short (a label has at most 63 letters). */
export function encodePunycode(label: string): string {
  const points = Array.from(label, (letter) => letter.codePointAt(0) ?? 0)
  const basic = points.filter((point) => point < initialN)
  let output = String.fromCharCode(...basic)
  if (basic.length > 0) output += '-'
  let n = initialN
  let delta = 0
  let bias = initialBias
  let handled = basic.length
  while (handled < points.length) {
    const next = points.reduce((least, point) => (point >= n && point < least ? point : least), 0x110000)
    delta += (next - n) * (handled + 1)
    n = next
    for (const point of points) {
      if (point < n) delta += 1
      if (point !== n) continue
      output += encodeDelta(delta, bias)
      bias = adaptBias(delta, handled + 1, handled === basic.length)
      delta = 0
      handled += 1
    }
    delta += 1
    n += 1
  }
  return output
}

function encodeDelta(delta: number, bias: number): string {
  let digits = ''
  let rest = delta
  for (let k = base; ; k += base) {
    const threshold = Math.min(Math.max(k - bias, tMin), tMax)
    if (rest < threshold) return digits + digitOf(rest)
    digits += digitOf(threshold + ((rest - threshold) % (base - threshold)))
    rest = Math.floor((rest - threshold) / (base - threshold))
  }
}

const digitOf = (value: number): string => String.fromCharCode(value < 26 ? 97 + value : 22 + value)

function adaptBias(delta: number, count: number, first: boolean): number {
  let scaled = first ? Math.floor(delta / damp) : delta >> 1
  scaled += Math.floor(scaled / count)
  let k = 0
  while (scaled > ((base - tMin) * tMax) >> 1) {
    scaled = Math.floor(scaled / (base - tMin))
    k += base
  }
  return k + Math.floor(((base - tMin + 1) * scaled) / (scaled + skew))
}

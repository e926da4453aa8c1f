/** Functions on numbers. Texts are read as people write them; what is no number gives nothing. */
import { toNumber, toText } from '../values.ts'
import { maxDigits } from '../limits.ts'
import { countArg, param, textArg, type MappingFunction } from './function.ts'

const digits = param('digits', 'Digits behind the point', 'number', 0)

export const numberFunctions: readonly MappingFunction[] = [
  {
    name: 'number', title: 'Number', help: 'Reads a text as a number. What is no number gives nothing.', group: 'number', params: [], input: 'any', output: 'number',
    call: (value) => toNumber(value),
    example: { value: '1.234,50', args: {}, result: 1234.5 },
  },
  {
    name: 'round', title: 'Round', help: 'Rounds to so many digits behind the point, halves away from zero.', group: 'number', params: [digits], input: 'number', output: 'number',
    call: (value, args) => {
      const number = toNumber(value)
      return number === null ? null : round(number, countArg(args, 'digits', 0, 0, maxDigits))
    },
    example: { value: 2.345, args: { digits: 2 }, result: 2.35 },
  },
  {
    name: 'formatNumber', title: 'Write number', help: 'Writes a number with so many digits behind the point and marks between thousands. What is no number gives nothing.', group: 'number',
    params: [digits, param('point', 'Decimal mark', 'text', '.'), param('thousands', 'Between thousands', 'text', ',')], input: 'number', output: 'text',
    call: (value, args) => {
      const number = toNumber(value)
      return number === null ? '' : formatNumber(number, countArg(args, 'digits', 0, 0, maxDigits), textArg(args, 'point').slice(0, 5), textArg(args, 'thousands').slice(0, 5))
    },
    example: { value: 1234567.891, args: { digits: 2, point: ',', thousands: '.' }, result: '1.234.567,89' },
  },
]

/** By way of the decimal text, for 2.345 is 2.34499… in binary and people mean what they see. */
function round(number: number, places: number): number {
  const [mantissa = '0', exponent = '0'] = toText(Math.abs(number)).split('e')
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + places}`))
  const [back = '0', scale = '0'] = toText(shifted).split('e')
  const size = Number(`${back}e${Number(scale) - places}`)
  return !Number.isFinite(size) ? number : size === 0 ? 0 : number < 0 ? -size : size
}

function formatNumber(number: number, places: number, point: string, thousands: string): string {
  const rounded = round(number, places)
  const [whole = '0', fraction = ''] = Math.abs(rounded).toFixed(places).split('.')
  // Above 1e21 toFixed writes an exponent, where no thousands can be told.
  const grouped = whole.includes('e') ? whole : whole.replace(/\B(?=(\d{3})+$)/g, () => thousands)
  return `${rounded < 0 ? '-' : ''}${grouped}${fraction ? point + fraction : ''}`
}

/** JSONata behind its fence: it computes, and it can neither hang, grow, dice nor look at a clock. */
import { expect, test } from 'vitest'
import { mappingFunctions } from '#shared/mapping/functions/index.ts'
import { expressionProblem, jsonataNames, loadExpressions } from '#shared/mapping/expression.ts'
import { run, runRow } from './sample.ts'

const compute = (expression: string): Promise<unknown> => runRow({ to: 'subject', expression })
const failure = async (expression: string): Promise<unknown> => {
  const { problem, value } = await run([{ to: 'subject', expression }])
  return [problem?.code, problem?.where, value]
}

test('[MP60] an expression reads the same sources and knows the same functions', async () => {
  expect(await compute('receive.to[0].address & "/" & $count(receive.to)')).toBe('joe@elsewhere.net/2')
  expect(await compute('receive.subject ~> $prepend("Re: ") ~> $truncate(9)')).toBe('Re: Prin…')
  expect(await compute('$formatDate(receive.date, "d MMM", "Europe/Berlin")')).toBe('29 Mar')
  expect(await compute('$match(receive.text, /#(\\d+)/).groups[0]')).toBe('4711')
  expect(await runRow({ to: 'cc', expression: 'receive.to[address != "jane@example.org"]' })).toEqual([{ name: '', address: 'joe@elsewhere.net', domain: 'elsewhere.net' }])
  expect(await compute('receive.nothing.at.all')).toBeNull()
  expect(await compute('function($x){$x}')).toBeNull()
})

test('[MP61] each function of the catalogue is there under its name; JSONata\'s own keep JSONata\'s meaning', async () => {
  await loadExpressions()
  for (const { name } of mappingFunctions) expect([name, await compute(`$type($${name})`)]).toEqual([name, 'function'])
  expect(mappingFunctions.filter(({ name }) => jsonataNames.has(name)).length).toBe(jsonataNames.size)
  expect(await compute('$string($append([1], 2))')).toBe('[1,2]')
  expect(await compute('$join($filter(["a","b"], function($x){ $x = "b" }))')).toBe('b')
})

test('[MP62] the same mail gives the same result: the clock is the run\'s, and there are no dice', async () => {
  expect(await compute('$now() & $fromMillis($millis())')).toBe('2026-03-30T08:00:00.000Z2026-03-30T08:00:00.000Z')
  for (const dice of ['$random()', '$shuffle([1,2])', '$eval("1")', '($r := $random; $r())', '$map([1], $random)']) expect(await failure(dice)).toEqual(['MAP_EXPRESSION', 'subject', {}])
})

test('[MP63] what would not end or grow without end is stopped and named', async () => {
  expect(await failure('($f := function($s){ $f($s & $s) }; $f("xxxxxxxxxx"))')).toEqual(['MAP_LIMIT', 'subject', {}])
  expect(await failure('$count([1..9999999])')).toEqual(['MAP_LIMIT', 'subject', {}])
  expect(await failure('($f := function($x){ 1 + $f($x) }; $f(1))')).toEqual(['MAP_LIMIT', 'subject', {}])
  expect(await failure('($f := function($x){ $f($x) }; $f(1))')).toEqual(['MAP_LIMIT', 'subject', {}])
  expect(await compute('$length($pad("x", 1000000000))')).toBe('1000')
  expect(await failure(`${'('.repeat(4900)}1${')'.repeat(4900)}`)).toEqual(['MAP_EXPRESSION', 'subject', {}])
})

test('[MP64] a failing expression fails its row in words, and the others go on', async () => {
  const { problem, value } = await run([{ to: 'subject', expression: '$error("no ticket")' }, { to: 'text', expression: '"on"' }])
  expect([problem?.code, problem?.say, value]).toEqual(['MAP_EXPRESSION', 'The expression for "subject" failed: no ticket', { text: 'on' }])
  expect((await run([{ to: 'html', template: '{{ $error("no") }}' }])).problem?.say).toBe('The expression for "html" failed: no')
  expect(await failure('$toMillis("01.02.2026", "[D01].[M01].[Y0001]")')).toEqual(['MAP_EXPRESSION', 'subject', {}])
})

test('[MP65] a mistake in an expression is named with its place', async () => {
  await loadExpressions()
  expect(expressionProblem('receive.subject &\n  $truncate(')).toMatchObject({ line: 2 })
  expect(expressionProblem('/(?=a)/')).toMatchObject({ line: 1 })
  expect(expressionProblem('receive.subject')).toBeNull()
})

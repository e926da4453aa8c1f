/** No god file ever starts. */
import { expect, test } from 'vitest'
import { files, read, sources } from './tree.ts'

const linesOf = (file: string): number => read(file).split('\n').length

test('[AR5] no source file is longer than 400 lines, no test file longer than 600', () => {
  expect(sources().filter((file) => linesOf(file) > 400)).toEqual([])
  expect(files('test').filter((file) => /\.tsx?$/.test(file) && linesOf(file) > 600)).toEqual([])
})

test('[AR5] a source file opens with a sentence on its job', () => {
  expect(sources().filter((file) => /\.tsx?$/.test(file) && !/^(#!.*\n)?\/(\*\*|\/)/.test(read(file)))).toEqual([])
})

test('[AR6] dependencies are pinned to the digit, and none runs a script while it is installed', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const versions = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'].flatMap((key) => Object.entries(manifest[key] ?? {}))
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean; resolved?: string }> }
  expect(Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript).map(([name]) => name)).toEqual([])
})

test('[AR7] no loose type, no left-over, no console outside the command line', () => {
  const loose = /\bas any\b|: any\b|@ts-ignore|@ts-expect-error|\bTODO\b|\bFIXME\b|\bXXX\b/
  expect(sources().filter((file) => loose.test(read(file)))).toEqual([])
  // npm calls build-if-stale before a start; what it builds is told to whoever started it.
  const programs = /^(?:runtime\/cli|bin)\/|^editor\/build-if-stale\.mjs$/
  expect(sources().filter((file) => !programs.test(file) && /\bconsole\./.test(read(file)))).toEqual([])
})

test('[AR8] no test is switched off, runs alone or sleeps', () => {
  const tests = files('test').filter((file) => /\.test\.tsx?$/.test(file))
  const off = /\b(?:it|test|describe)\.(?:skip|only|todo)\(/
  expect(tests.filter((file) => off.test(read(file)))).toEqual([])
  expect(tests.filter((file) => !file.startsWith('test/house/') && /\bsetTimeout\(|\bsleep\(/.test(read(file)))).toEqual([])
})

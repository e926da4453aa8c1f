/** Reads the house for the tests that hold its rules. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** Files of the working tree that git knows or would add. */
export const files = (...patterns: readonly string[]): readonly string[] =>
  [...new Set(execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...patterns], { cwd: root, encoding: 'utf8' }).split('\n'))]
    .filter((file) => file !== '' && exists(file))

const exists = (file: string): boolean => {
  try {
    readFileSync(path.join(root, file))
    return true
  } catch {
    return false
  }
}

export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

export const sources = (): readonly string[] => files('shared', 'runtime', 'editor', 'bin').filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith('.d.ts'))

/** Where each import of a file leads, as a path in the repository; packages stay as they are written. */
export function importsOf(file: string): readonly { readonly written: string; readonly target: string }[] {
  const text = read(file)
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g)].map((match) => {
    const written = match[1] ?? match[2] ?? match[3] ?? ''
    const target = written.startsWith('#') ? written.slice(1) : written.startsWith('.') ? path.normalize(path.join(path.dirname(file), written)) : written
    return { written, target }
  })
}

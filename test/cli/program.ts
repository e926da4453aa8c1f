/** `mailweave` called as people call it: a process of its own, its words, its exit code. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../bin/mailweave.mjs')

export interface Said { readonly code: number; readonly out: string; readonly err: string }

/** `hear` is called with what it prints, as it comes. */
export const callMailweave = (folder: string, words: readonly string[], env: Readonly<Record<string, string>> = {}, hear: (text: string) => void = () => {}): Promise<Said> => new Promise((resolve) => {
  const child = execFile(process.execPath, [program, ...words], { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 }, (_, out, err) => { resolve({ code: child.exitCode ?? -1, out, err }) })
  child.stdout?.on('data', (text: string) => { hear(text) })
})

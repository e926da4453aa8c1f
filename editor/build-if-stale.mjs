// Builds the editor when its sources, or what it shares with the runtime, are newer than the last build.
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const editor = path.dirname(fileURLToPath(import.meta.url))
const built = path.join(editor, 'dist', 'index.html')

function newest(folder) {
  return Math.max(0, ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
    if (entry.name === 'dist' || entry.name === 'node_modules') return 0
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? newest(file) : statSync(file).mtimeMs
  }))
}

const sources = Math.max(newest(editor), newest(path.join(editor, '..', 'shared')), statSync(path.join(editor, '..', 'package-lock.json')).mtimeMs)
if (!existsSync(built) || statSync(built).mtimeMs < sources) {
  console.log('Building the editor (about 5 seconds)…')
  // Whoever asks may be a test, and what is built then is served all the same: never the slow build with paths in it.
  process.env.NODE_ENV = 'production'
  await build({ root: editor, logLevel: 'warn' })
}

#!/usr/bin/env node
// Starts Mailweave on a Node that can run it: this one when it is new enough, else the one that came with npm ci.
// Plain JavaScript, because an older Node must be able to read it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const program = path.join(root, 'runtime', 'cli', 'main.ts')
// Type stripping without a flag and without a warning, and node:sqlite as a release candidate, came with 24.15.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const newEnough = major > 24 || (major === 24 && minor >= 15)

// What a mail leaves behind is collected soon instead of piling up: 2,000 mails drained peak at 231 MB in all instead of 275 MB,
// at the same speed. The engine's work in hand is bounded, so 256 MB is far above what the heap ever holds (33 MB live).
const memory = ['--max-semi-space-size=4', '--initial-old-space-size=16', '--max-old-space-size=256']

const alreadyHas = memory.every((flag) => process.execArgv.includes(flag))

if (newEnough && (alreadyHas || typeof process.execve !== 'function' || process.platform === 'win32')) {
  await import(program)
} else if (newEnough) {
  // The same process goes on as Node with these flags: no second process, no signal to pass on.
  process.execve(process.execPath, [process.execPath, ...memory, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], withCache())
} else {
  const node = bundledNode()
  if (node === null) {
    console.error(`Mailweave needs Node 24.15 or newer; this is ${process.version} and no bundled one was found. Run "npm ci" in ${root}, or install Node 24.`)
    process.exit(1)
  }
  handOver(node)
}

function bundledNode() {
  const require = createRequire(import.meta.url)
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  try {
    const folder = path.dirname(require.resolve(`${name}/package.json`))
    const file = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}

function handOver(node) {
  const child = spawn(node, [...memory, program, ...process.argv.slice(2)], {
    // The channel tells the child when this process is gone, however it went: a server never outlives its starter.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: withCache(),
  })
  // A Ctrl+C reaches the child by itself (same terminal); catching it here only keeps this process until the child has ended.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else process.exit(code ?? 1)
  })
}

// Compiled code is kept between starts: half the start's time, and some 20 MB that compiling would leave behind.
function withCache() {
  return { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, 'node_modules', '.cache', 'compile') }
}

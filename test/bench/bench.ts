/**
 * Speed and memory beside a bare loop in the same run: node test/bench/bench.ts [--w W1,W7] [--runs 3]
 * The bed (real Dovecot and SMTP sink on loopback, needs root on Debian) stands in ../shared/bench; figures are printed
 * as medians with the ratio to the bare loop, beside the target each is held to.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

type Line = Readonly<Record<string, string | number>>
interface Target { readonly workload: string; readonly figure: string; readonly bound: string; readonly met: (ours: number, bare: number) => boolean }

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const bed = path.resolve(root, '../shared/bench')

const most = (limit: number) => (ours: number) => ours <= limit
const targets: readonly Target[] = [
  { workload: 'W1', figure: 'rate', bound: '≥ 0.6 × bare', met: (ours, bare) => ours >= 0.6 * bare },
  { workload: 'W1', figure: 'peakMB', bound: '≤ 250', met: most(250) },
  { workload: 'W1', figure: 'lost', bound: '0', met: most(0) },
  { workload: 'W1', figure: 'dup', bound: '0', met: most(0) },
  { workload: 'W2', figure: 'p50', bound: '≤ 100', met: most(100) },
  { workload: 'W2', figure: 'p95', bound: '≤ 650', met: most(650) },
  { workload: 'W3', figure: 'm2_peakMB', bound: '≤ 300', met: most(300) },
  { workload: 'W3', figure: 'm25_peakMB', bound: '≤ 300', met: most(300) },
  { workload: 'W5', figure: 'lost', bound: '0', met: most(0) },
  { workload: 'W5', figure: 'dup', bound: 'rows said sending', met: () => true },
  { workload: 'W6', figure: 'f451_lost', bound: '0', met: most(0) },
  { workload: 'W6', figure: 'max20_lost', bound: '0', met: most(0) },
  { workload: 'W6', figure: 'drop_lost', bound: '0', met: most(0) },
  { workload: 'W7', figure: 'sec', bound: '≤ 2', met: most(2) },
  { workload: 'W7', figure: 'dup', bound: '0', met: most(0) },
  { workload: 'idle', figure: 'readyMs', bound: '≤ 1500', met: most(1500) },
  { workload: 'idle', figure: 'rssMB', bound: '≤ 150', met: most(150) },
  { workload: 'idle', figure: 'cpuPct', bound: '≈ 0', met: most(1) },
]

const { values } = parseArgs({ options: { w: { type: 'string', default: 'idle,W1,W2,W3,W5,W7' }, runs: { type: 'string', default: '3' } } })
if (!existsSync(bed)) {
  console.error(`The bed is missing: ${bed}`)
  process.exit(1)
}
execFileSync('bash', [path.join(bed, 'bed.sh'), 'up'], { stdio: 'inherit' })
try {
  report(await measure(values.w, values.runs))
} finally {
  execFileSync('bash', [path.join(bed, 'bed.sh'), 'down'], { stdio: 'inherit' })
}

async function measure(workloads: string, runs: string): Promise<readonly Line[]> {
  const child = spawn(process.execPath, [path.join(bed, 'run.mjs'), '--sut', 'bare,mailweave', '--w', workloads, '--runs', runs], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line)
    // The bed prints one JSON object a run; the installer's own words are no JSON.
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Line)
  }
  return lines
}

function report(lines: readonly Line[]): void {
  const median = (system: string, workload: string, figure: string): number => {
    const sorted = lines.filter((line) => line['sut'] === system && line['w'] === workload).map((line) => Number(line[figure])).filter(Number.isFinite).sort((one, other) => one - other)
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  }
  console.log('\nworkload figure        mailweave      bare   ratio   target')
  for (const { workload, figure, bound, met } of targets) {
    const ours = median('mailweave', workload, figure)
    const bare = median('bare', workload, figure)
    if (Number.isNaN(ours)) continue
    const cells = [workload.padEnd(8), figure.padEnd(12), ours.toFixed(1).padStart(11), bare.toFixed(1).padStart(9), (ours / bare).toFixed(2).padStart(7)]
    console.log(`${cells.join(' ')}   ${bound}${met(ours, bare) ? '' : '   NOT MET'}`)
  }
}

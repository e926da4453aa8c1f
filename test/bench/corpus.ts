/** Judges how long the corpus stalls the product's event loop: node test/bench/corpus.ts; beyond 100 ms a person at the screen would feel it. */
import { countRuns, drainCorpus } from '../real/corpus.ts'

const mostMs = 100
const begunMs = performance.now()
const { mails, runs, longestStallMs, died } = await drainCorpus()
console.log(`${mails} mails in ${Math.round((performance.now() - begunMs) / 1000)} s: ${JSON.stringify(countRuns(runs))}`)
console.log(`longest stall of the event loop: ${Math.round(longestStallMs)} ms (at most ${mostMs})${died ? '; the program died' : ''}`)
process.exitCode = died || longestStallMs > mostMs ? 1 : 0

/** Test projects: house (the rules), unit (everything in process), servers (Dovecot, Postfix), e2e (Chromium), kill (crash and restart). */
import { defineConfig } from 'vitest/config'
import { summaryReporter } from './test/summary-reporter.ts'

// Files of `unit` share nothing and run side by side. What measures memory, kills, or draws in a browser has the machine to itself (groupOrder).
const base = { environment: 'node' as const, testTimeout: 120_000, hookTimeout: 120_000 }
export default defineConfig({
  test: {
    reporters: ['default', summaryReporter],
    projects: [
      { test: { ...base, name: 'house', include: ['test/house/**/*.test.ts'] } },
      { test: { ...base, name: 'unit', maxWorkers: 2, include: ['test/{shared,mapping,nodes,store,mail,engine,scheduler,api,cli,sandbox,connections,editor,contracts,security}/**/*.test.{ts,tsx}'] } },
      { test: { ...base, name: 'servers', include: ['test/real/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false, sequence: { groupOrder: 1 } } },
      { test: { ...base, name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false, sequence: { groupOrder: 1 } } },
      { test: { ...base, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false, sequence: { groupOrder: 2 } } },
    ],
  },
})

/** Test projects: house (the rules), unit (everything in process), servers (Dovecot, Postfix), e2e (Chromium), kill (crash and restart). */
import { defineConfig } from 'vitest/config'
import { summaryReporter } from './test/summary-reporter.ts'

// A browser that shares two cores with a thousand mails draws late: e2e runs when the others are through (groupOrder).
const base = { environment: 'node' as const, testTimeout: 120_000, hookTimeout: 120_000 }
export default defineConfig({
  test: {
    reporters: ['default', summaryReporter],
    projects: [
      { test: { ...base, name: 'house', include: ['test/house/**/*.test.ts'] } },
      { test: { ...base, name: 'unit', include: ['test/{shared,mapping,nodes,store,mail,engine,scheduler,api,cli,sandbox,connections,editor,contracts,security}/**/*.test.{ts,tsx}'] } },
      { test: { ...base, name: 'servers', include: ['test/real/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
      { test: { ...base, name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
      { test: { ...base, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
})

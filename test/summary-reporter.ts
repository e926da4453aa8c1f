/** Closes a run with one plain line of counts; where CI is set, a skipped test counts as a failure, because there nothing may be missing. */
import type { Reporter, TestModule } from 'vitest/node'

export const summaryReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    console.log(`\n${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped`)
    if (process.env['CI'] && skipped.length > 0) {
      console.log(`Skipped although CI is set:\n${skipped.map((test) => `  ${test.fullName}`).join('\n')}`)
      process.exitCode = 1
    }
  },
}

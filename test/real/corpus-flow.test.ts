/** Every mail of the corpus goes through a flow: none is lost, none stops the program or the mails behind it, none is computed in two ways. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { errors } from '#shared/errors.ts'
import { hasDovecot } from '../servers/dovecot.ts'
import { corpusNames, countRuns, drainCorpus, hasCorpus } from './corpus.ts'

const run = promisify(execFile)

describe.skipIf(!hasCorpus())('the corpus', () => {
  test.skipIf(!hasDovecot())('[RN2] each of its mails ends as done, or as failed with a reason, in one process that lives on', async () => {
    const { mails, runs, accepted, longestStallMs, died } = await drainCorpus()
    console.log(`figure: corpus of ${mails} mails: ${JSON.stringify(countRuns(runs))}`)
    console.log(`figure: longest stall of the event loop ${Math.round(longestStallMs)} ms`)
    expect(died).toBe(false)
    expect(runs.length).toBe(mails)
    expect(runs.filter(({ state, problem }) => !(state === 'done' && problem === null) && !(state === 'failed' && problem !== null && problem.code in errors && problem.say !== ''))).toEqual([])
    // What a run calls done is at the server, once.
    const done = runs.filter((one) => one.state === 'done')
    expect(accepted.length).toBe(done.length)
    expect(new Set(accepted.map((mail) => /^Message-ID: (.*)$/im.exec(mail.bytes.toString('latin1'))?.[1])).size).toBe(done.length)
    expect(accepted.every((mail) => mail.to.join() === 'tickets@dest.example')).toBe(true)
    // A corpus that is mostly refused would prove little.
    expect(done.length).toBeGreaterThan(mails * 0.8)
  })

  test('[RN10] each of its mails is computed to the same bytes again, in whatever time zone', async () => {
    const script = path.join(import.meta.dirname, 'compute-corpus.ts')
    const [first, again] = await Promise.all([['UTC', 'C'], ['Pacific/Chatham', 'tr_TR.UTF-8']].map(([TZ = '', LANG = '']) =>
      run(process.execPath, [script], { env: { ...process.env, TZ, LANG, LC_ALL: LANG }, maxBuffer: 8 * 1024 * 1024 })))
    const lines = first?.stdout.trim().split('\n') ?? []
    expect(lines.length).toBe(corpusNames().length)
    expect(again?.stdout.trim().split('\n')).toEqual(lines)
  })
})

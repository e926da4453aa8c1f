/** The HTML of a quoted mail in a real Chromium: whatever it is made of, it stays inside its blockquote. */
import { constantFrom, array, sample } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { sanitiseHtml } from '#shared/sanitise-html.ts'
import { hostilePieces } from '../shared/hostile-html.ts'
import { hasChromium, openBrowser } from './browser.ts'

/** What an author may have left open around it. */
const around: readonly string[] = ['<div>', '<div><table><tbody><tr><td>', '<ul><li>', '<h1><b>', '<div><p><i>', '<dl><dd>', '<blockquote><div>', '<table><caption>']

describe.skipIf(!hasChromium())('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => { browser = await openBrowser() })
  afterAll(() => browser.close())

  test('[SX68] out of pieces put together at random nothing leaves the blockquote, and nothing loads', async () => {
    const page = await browser.newPage()
    const asked: string[] = []
    page.on('request', (request) => { if (!/^(?:data|about|cid):/.test(request.url())) asked.push(request.url()) })
    const mails = sample(array(constantFrom(...hostilePieces), { minLength: 1, maxLength: 25 }), { numRuns: 2500, seed: 12 })
      .map((pieces, at) => ({ quoted: sanitiseHtml(pieces.join(''), 100_000).html, open: around[at % around.length] ?? '' }))
    // Around the quote the page must be what it is around an empty one.
    const escaped = await page.evaluate((all) => {
      const surroundings = (open: string, quoted: string): string => {
        document.body.innerHTML = `${open}<span>before</span><blockquote class="quote">${quoted}<span class="last"></span></blockquote><span>after</span>`
        const [quote, ...more] = document.querySelectorAll('.quote')
        const isInside = quote?.querySelector('.last') !== null && more.length === 0
        if (quote) quote.innerHTML = ''
        return `${isInside} ${document.body.innerHTML}`
      }
      return all.filter(({ open, quoted }) => surroundings(open, quoted) !== surroundings(open, ''))
    }, mails)
    expect(escaped).toEqual([])
    expect(asked).toEqual([])
    await page.close()
  })
})

/** Puts live runs into an already loaded list of runs: changed ones in place, new ones on top, foreign ones not at all. */
import type { RunsPage } from '#shared/api.ts'
import type { RunSummary } from '#shared/run.ts'
import type { RunsData, RunsFilter } from './queries.ts'

/** Rows a list may grow to by live runs alone; beyond it the oldest page is let go and can be loaded again. */
export const liveRows = 1000

export function patchRuns(data: RunsData, runs: readonly RunSummary[], filter: RunsFilter): RunsData {
  const told = new Map(runs.map((run) => [run.id, run]))
  const shown = new Set<string>()
  const pages: RunsPage[] = data.pages.map((page) => ({
    ...page,
    runs: page.runs.flatMap((run) => {
      const now = told.get(run.id) ?? run
      shown.add(run.id)
      return matches(now, filter) ? [now] : []
    }),
  }))
  const newest = pages[0]?.runs[0]
  // A run that is older than the newest shown but not shown belongs to a page not yet loaded, unless this is a state
  // filter: then it may have just come into that state, and its place is by time among the shown.
  const fresh = runs.filter((run) => !shown.has(run.id) && matches(run, filter) && (filter.state !== undefined || !newest || run.queuedAt >= newest.queuedAt))
  const [first, ...rest] = pages
  if (!first) return data
  const merged = { ...first, runs: fresh.length === 0 ? first.runs : [...fresh, ...first.runs].toSorted(newestFirst) }
  return trim({ pages: [merged, ...rest], pageParams: data.pageParams })
}

/** The server's own filter rules, for what can be told from a summary; a Message-ID search takes no live rows. */
function matches(run: RunSummary, filter: RunsFilter): boolean {
  if (filter.messageId) return false
  if (filter.flow && run.flow !== filter.flow) return false
  if (filter.state && run.state !== filter.state) return false
  if (filter.since && run.queuedAt < filter.since) return false
  if (filter.from && !holds(run.mail.from, filter.from)) return false
  return !filter.subject || holds(run.mail.subject, filter.subject)
}

const holds = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase())
const newestFirst = (a: RunSummary, b: RunSummary): number => (a.queuedAt < b.queuedAt ? 1 : a.queuedAt > b.queuedAt ? -1 : 0)

export const isOverfull = (data: RunsData): boolean => countRows(data.pages) > liveRows
const countRows = (pages: readonly RunsPage[]): number => pages.reduce((sum, page) => sum + page.runs.length, 0)

/** Whole later pages go first (their cursor brings them back); a first page beyond the bound is for the caller to load again. */
function trim(data: RunsData): RunsData {
  let pages = data.pages
  while (countRows(pages) > liveRows && pages.length > 1) pages = pages.slice(0, -1)
  return { pages, pageParams: data.pageParams.slice(0, pages.length) }
}

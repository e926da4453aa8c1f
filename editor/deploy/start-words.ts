/** What each answer to "where does it start" means in mails, for one mailbox or the sum of several. Pure. */
import type { StartCount } from '#shared/api.ts'
import type { Flow, FlowNode } from '#shared/flow.ts'
import { textOr } from '#shared/json.ts'
import { mailboxesOf } from '#shared/nodes/receive-email.ts'
import { texts } from '../texts.ts'

export interface StartChoice { readonly value: string; readonly label: string }
/** How a step's settings read mail: `marks` false where no mailbox knows read and unread (POP3). */
export interface Reading { readonly unreadOnly: boolean; readonly marks: boolean }

export const startOf = (node: FlowNode): string => textOr(node.config['startFrom'], 'now')
export const isDay = (start: string): boolean => /^\d{4}-/.test(start)

/** Steps that begin, or may begin anew: all of a flow that does not run, else those with another start or another mailbox than the running version's. */
export function stepsThatStart(flow: Flow, running: Flow | null): readonly FlowNode[] {
  return flow.nodes.filter((node) => {
    if (node.kind !== 'receive-email' || mailboxesOf(node.config).some(({ connection }) => connection === '')) return false
    const before = running?.nodes.find(({ id, kind }) => id === node.id && kind === node.kind)
    if (before === undefined || startOf(before) !== startOf(node)) return true
    const known = new Set(mailboxesOf(before.config).map(nameOf))
    return mailboxesOf(node.config).some((mailbox) => !known.has(nameOf(mailbox)))
  })
}
const nameOf = ({ connection, folder }: { readonly connection: string; readonly folder: string }): string => `${connection}\n${folder}`

/** null while no mailbox has answered. A start that was begun with somewhere is the one to go on with. */
export function sumCounts(counts: readonly StartCount[]): StartCount | null {
  const [first] = counts
  if (first === undefined) return null
  const sum = (of: (count: StartCount) => number | null): number | null => (counts.some((count) => of(count) === null) ? null : counts.reduce((all, count) => all + (of(count) ?? 0), 0))
  return {
    saved: counts.every(({ saved }) => saved === first.saved) ? first.saved : null,
    waiting: sum(({ waiting }) => waiting), there: sum(({ there }) => there) ?? 0, unseen: sum(({ unseen }) => unseen) ?? 0, all: sum(({ all }) => all) ?? 0, since: sum(({ since }) => since),
  }
}

/** The day that is asked for stands for all days. */
export function startChoices(start: string, { unreadOnly, marks }: Reading, count: StartCount | null): readonly StartChoice[] {
  const words = texts.start
  const saved = count?.saved ?? null
  const usual = [
    { value: 'now', label: words.now, mails: null },
    ...(marks || start === 'unseen' ? [{ value: 'unseen', label: words.unseen, mails: count?.unseen ?? null }] : []),
    { value: 'all', label: unreadOnly && marks ? words.allUnread : words.all, mails: count?.all ?? null },
    { value: 'day', label: words.since, mails: isDay(start) ? count?.since ?? null : null },
  ].filter(({ value }) => value !== saved)
  const goesOn = saved === null ? [] : [{ value: saved, label: words.goesOn, mails: count?.waiting ?? null }]
  return [...goesOn, ...usual].map(({ value, label, mails }) => ({ value, label: mails === null ? label : words.many(label, mails) }))
}

export const chosenOf = (start: string, count: StartCount | null): string => (isDay(start) && start !== count?.saved ? 'day' : start)

export function sayStart(start: string, count: StartCount): string {
  const words = texts.start
  if (count.saved === start) return words.came(count.waiting)
  if (start === 'now') return words.stays(count.there)
  return words.runs(start === 'unseen' ? count.unseen : start === 'all' ? count.all : count.since ?? 0)
}

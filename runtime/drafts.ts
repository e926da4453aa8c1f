/**
 * The drafts of all flows: one file `<id>.json` each in the flows folder, written as a whole or not at all. The file is
 * the truth: what someone changes by hand shows up here, and a file that is no flow is listed with what is wrong.
 */
import { hash } from 'node:crypto'
import { watch } from 'node:fs'
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { fault } from '#shared/errors.ts'
import type { EventStream } from '#shared/events.ts'
import type { Flow, FlowProblem } from '#shared/flow.ts'
import { readFlow } from '#shared/flow-check.ts'
import { flowIdSchema, type FlowId } from '#shared/ids.ts'
import type { Clock } from './clock.ts'
import { flowFileText } from './flow-text.ts'
import { makeInTurn } from './in-turn.ts'
import { draftBytes, draftSettleMs } from './limits.ts'
import type { Log } from './log.ts'
import { dropScratch, replaceFile, syncFolder } from './whole-file.ts'

export interface Draft {
  readonly id: FlowId
  readonly text: string
  /** Of the text, without quotes. */
  readonly etag: string
  /** null when the file cannot be read as a flow. Its id is the file's name, whatever the file says. */
  readonly flow: Flow | null
  readonly problems: readonly FlowProblem[]
  readonly updatedAt: string
}

export interface Drafts {
  list(): Promise<readonly Draft[]>
  /** null when there is no such file. */
  read(id: FlowId): Promise<Draft | null>
  /**
   * Durable when it resolves. `expected` is the etag the writer last saw, null to write over whatever is there,
   * 'none' to make a new one only; FLOW_CHANGED_MEANWHILE when that is not what the folder holds.
   */
  write(flow: Flow, expected: string | null): Promise<Draft>
  /** FLOW_NOT_FOUND, FLOW_CHANGED_MEANWHILE. */
  remove(id: FlowId, expected: string | null): Promise<void>
  readonly stop: () => void
}

export interface DraftsParts {
  readonly folder: string
  readonly events: EventStream
  readonly clock: Clock
  readonly log: Log
}

export async function openDrafts({ folder, events, clock, log }: DraftsParts): Promise<Drafts> {
  await mkdir(folder, { recursive: true })
  await dropScratch(folder)
  // Between the look at the etag and the rename nobody else may write.
  const inTurn = makeInTurn()
  const cache = new Map<FlowId, { readonly stamp: string; readonly draft: Draft }>()
  const read = async (id: FlowId): Promise<Draft | null> => {
    const file = fileOf(folder, id)
    const found = await stat(file, { bigint: true }).catch(() => null)
    if (!found?.isFile()) {
      cache.delete(id)
      return null
    }
    const stamp = `${found.ino}:${found.size}:${found.mtimeNs}`
    const kept = cache.get(id)
    if (kept?.stamp === stamp) return kept.draft
    const text = found.size > draftBytes ? null : await readFile(file, 'utf8').catch(() => null)
    const draft = draftOf(id, text, new Date(Number(found.mtimeMs)).toISOString())
    cache.set(id, { stamp, draft })
    return draft
  }
  const list = async (): Promise<readonly Draft[]> => {
    const drafts = await Promise.all((await idsIn(folder)).map(read))
    return drafts.filter((draft) => draft !== null)
  }
  const expect = async (id: FlowId, expected: string | null): Promise<Draft | null> => {
    const there = await read(id)
    if (expected !== null && expected !== (there?.etag ?? 'none')) throw fault('FLOW_CHANGED_MEANWHILE')
    return there
  }

  // What was last told to the world, so that our own writes are not told twice and only real changes are.
  const told = new Map<FlowId, string>((await list()).map((draft) => [draft.id, draft.etag]))
  const tell = (id: FlowId, etag: string | null): void => {
    if ((told.get(id) ?? null) === etag) return
    if (etag === null) told.delete(id)
    else told.set(id, etag)
    events.emit({ type: etag === null ? 'flow.deleted' : 'flow.saved', flow: id })
  }
  const stopWatching = watchFolder(folder, clock, log, async () => {
    const now = new Map((await list()).map((draft) => [draft.id, draft.etag]))
    for (const id of new Set([...told.keys(), ...now.keys()])) tell(id, now.get(id) ?? null)
  })

  return {
    list,
    read,
    write: (flow, expected) => inTurn(async () => {
      await expect(flow.id, expected)
      await replaceFile(fileOf(folder, flow.id), flowFileText(flow), 0o644)
      const draft = await read(flow.id)
      if (!draft) throw fault('FLOW_CHANGED_MEANWHILE')
      tell(flow.id, draft.etag)
      return draft
    }),
    remove: (id, expected) => inTurn(async () => {
      if ((await expect(id, expected)) === null) throw fault('FLOW_NOT_FOUND', { id })
      await rm(fileOf(folder, id), { force: true })
      await syncFolder(folder)
      cache.delete(id)
      tell(id, null)
    }),
    stop: stopWatching,
  }
}

/** A FlowId has passed its schema: letters, digits and hyphens, so it cannot lead out of the folder. */
const fileOf = (folder: string, id: FlowId): string => path.join(folder, `${flowIdSchema.parse(id)}.json`)

async function idsIn(folder: string): Promise<readonly FlowId[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.toSorted().flatMap((name) => {
    const id = flowIdSchema.safeParse(name.endsWith('.json') ? name.slice(0, -'.json'.length) : '')
    return id.success ? [id.data] : []
  })
}

function draftOf(id: FlowId, text: string | null, updatedAt: string): Draft {
  if (text === null) {
    return { id, text: '', etag: etagOf(`unread:${updatedAt}`), flow: null, updatedAt, problems: [about('error', 'The file can\'t be read, or is far too large for a flow.')] }
  }
  const { flow, problems } = readFlow(text)
  const misnamed = flow !== null && flow.id !== id
    ? [about('warning', `The file is named ${id}.json but says its id is "${flow.id}". The file name counts; saving sets it right.`)]
    : []
  return { id, text, etag: etagOf(text), flow: flow && { ...flow, id }, problems: [...problems, ...misnamed], updatedAt }
}

const about = (severity: FlowProblem['severity'], advice: string): FlowProblem => ({ code: 'FLOW_SHAPE', severity, node: '', field: '', advice })
const etagOf = (text: string): string => hash('sha256', text).slice(0, 24)

/** Editors save in several steps (write, rename, touch), so the folder is looked at once it has been quiet for a moment. */
function watchFolder(folder: string, clock: Clock, log: Log, changed: () => Promise<void>): () => void {
  let callOff: (() => void) | null = null
  const soon = (): void => {
    callOff?.()
    callOff = clock.after(draftSettleMs, () => {
      changed().catch((error: unknown) => { log.warn('drafts.unread', { reason: String(error) }) })
    })
  }
  try {
    const watcher = watch(folder, { persistent: false }, soon)
    // Without the watch (no inotify handles left, a network folder) drafts are still read fresh each time; only the live note is missing.
    watcher.on('error', (error) => { log.warn('drafts.unwatched', { reason: error.message }) })
    return () => {
      callOff?.()
      watcher.close()
    }
  } catch (error) {
    log.warn('drafts.unwatched', { reason: String(error) })
    return () => { callOff?.() }
  }
}

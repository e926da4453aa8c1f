/** What main thread and worker say to each other: batches one way, their answers the other, all bytes of a batch in one buffer that changes hands. */
import type { MailFacts } from '#shared/mail.ts'
import type { CheckedFlow } from '#shared/nodes/index.ts'
import type { Raw } from '../raw.ts'
import type { ComposedSend, Computed, ComputeJob, ReadPart } from './compute.ts'

/** Raw with its bytes lying in the batch's buffer. */
export type PackedRaw = { readonly kind: 'packed'; readonly at: number; readonly length: number } | Extract<Raw, { kind: 'file' }>

export type PackedTask =
  | { readonly kind: 'compute'; readonly number: number; readonly flow: string; readonly raw: PackedRaw; readonly fetched: Readonly<Record<string, PackedRaw>>; readonly job: Omit<ComputeJob, 'flow' | 'raw' | 'fetched'> }
  | { readonly kind: 'read'; readonly number: number; readonly raw: PackedRaw; readonly facts: MailFacts }
  | { readonly kind: 'part'; readonly number: number; readonly raw: PackedRaw; readonly index: number; readonly scratch: string }
export interface Batch {
  /** The worker drops the flows it has seen before it takes these. */
  readonly forget: boolean
  /** Flows the worker has not seen yet; tasks name them by key. */
  readonly flows: readonly { readonly key: string; readonly flow: CheckedFlow }[]
  readonly tasks: readonly PackedTask[]
  readonly bytes: ArrayBuffer
}

export type PackedComputed = Omit<Computed, 'sends'> & { readonly sends: readonly (Omit<ComposedSend, 'raw'> & { readonly raw: PackedRaw })[] }
export type Answer =
  | { readonly kind: 'computed'; readonly number: number; readonly computed: PackedComputed }
  /** As JSON text: one string crosses faster than a tree. */
  | { readonly kind: 'mail'; readonly number: number; readonly json: string }
  | { readonly kind: 'part'; readonly number: number; readonly part: PackedPart | null }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
export type PackedPart = Omit<ReadPart, 'raw'> & { readonly raw: PackedRaw }
export interface Answers {
  readonly answers: readonly Answer[]
  readonly bytes: ArrayBuffer
}

/** Given to the worker at its start: element 0 is the number of the task in hand, so that a hang or a crash has a name. */
export interface WorkerStart { readonly current: SharedArrayBuffer }

export interface Packer {
  add(raw: Raw): PackedRaw
  /** All bytes added, in one buffer of exactly their size, to be transferred. */
  finish(): ArrayBuffer
}

export function makePacker(): Packer {
  const pieces: Uint8Array[] = []
  let length = 0
  return {
    add: (raw) => {
      if (raw.kind === 'file') return raw
      const at = length
      pieces.push(raw.bytes)
      length += raw.bytes.byteLength
      return { kind: 'packed', at, length: raw.bytes.byteLength }
    },
    finish: () => {
      const all = new Uint8Array(length)
      let at = 0
      for (const piece of pieces) {
        all.set(piece, at)
        at += piece.byteLength
      }
      return all.buffer
    },
  }
}

export const unpack = (raw: PackedRaw, bytes: ArrayBuffer): Raw =>
  raw.kind === 'file' ? raw : { kind: 'bytes', bytes: new Uint8Array(bytes, raw.at, raw.length) }

/** Each by its name. */
export const mapRaws = <From, To>(raws: Readonly<Record<string, From>>, change: (raw: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(raws).map(([name, raw]) => [name, change(raw)]))

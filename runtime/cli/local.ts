/** A computer and a scratch folder for the commands that work without a server; both are gone when the command ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Computer } from '../engine/compute.ts'
import { makeComputer } from '../engine/computer.ts'
import { inlineBytes } from '../limits.ts'
import { silentLog } from '../log.ts'

export interface Local { readonly computer: Computer; readonly spool: { readonly folder: string; readonly inlineLimit: number } }

export async function withComputer<T>(use: (local: Local) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mailweave-'))
  const spool = { folder, inlineLimit: inlineBytes }
  const computer = makeComputer({ log: silentLog })
  try {
    return await use({ computer, spool })
  } finally {
    await computer.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Speaks to a running server for the commands that need one. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { ApiError } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'

export const remoteOptions = {
  url: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean' },
} as const

export interface Remote {
  /** Without a slash at the end. */
  readonly url: string
  /** Rejects with the server's own words, or NOT_REACHABLE_HERE. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
}

export async function connectRemote(options: { readonly url?: string | undefined; readonly data?: string | undefined }): Promise<Remote> {
  const url = options.url ?? process.env['MAILWEAVE_URL'] ?? `http://127.0.0.1:${process.env['MAILWEAVE_PORT'] ?? 7025}`
  const token = process.env['MAILWEAVE_TOKEN'] ?? await readToken(options.data ?? process.env['MAILWEAVE_DATA'] ?? './data')
  return {
    url: url.replace(/\/+$/, ''),
    call: async <T>(method: string, where: string, body?: unknown): Promise<T> => {
      const answer = await fetch(new URL(where, url), {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => { throw fault('NOT_REACHABLE_HERE', { url }) })
      const text = await answer.text()
      const value: unknown = text === '' ? null : JSON.parse(text)
      // The server's answers are its own API types; an error answer always has this shape.
      if (!answer.ok) throw fault('API_BAD_REQUEST', { reason: (value as ApiError).error.say })
      return value as T
    },
  }
}

const readToken = async (data: string): Promise<string> => {
  try {
    return (await readFile(path.join(data, 'token'), 'utf8')).trim()
  } catch {
    return ''
  }
}

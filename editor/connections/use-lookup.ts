/** Looks up the servers of an address by itself, once it is whole and nobody has typed for a moment; known providers need no asking. */
import { useDebouncedValue } from '@mantine/hooks'
import type { Detected } from '#shared/detected.ts'
import { mailDomain, providerOf } from '#shared/providers.ts'
import { useDetected } from '../api/queries.ts'

export type Lookup =
  | { readonly state: 'idle' }
  | { readonly state: 'looking'; readonly domain: string }
  | { readonly state: 'failed'; readonly error: unknown; readonly again: () => unknown }
  | { readonly state: 'done'; readonly detected: Detected }

/** Shorter than a person waits for an answer, longer than between two letters. */
const pauseMs = 600

export function useLookup(typed: string): Lookup {
  const address = typed.trim()
  const domain = mailDomain(address)
  const [settled] = useDebouncedValue(address, pauseMs)
  const wanted = domain !== '' && providerOf(address) === null
  const { data, error, isFetching, refetch } = useDetected(wanted && settled === address ? address : '')
  if (!wanted) return { state: 'idle' }
  if (isFetching || settled !== address) return { state: 'looking', domain }
  if (error) return { state: 'failed', error, again: refetch }
  return data ? { state: 'done', detected: data } : { state: 'idle' }
}

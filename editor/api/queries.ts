/** What the screens ask the server for, under one set of keys that live.ts patches. */
import { keepPreviousData, QueryCache, QueryClient, useInfiniteQuery, useQuery, type InfiniteData } from '@tanstack/react-query'
import type { MailboxStatus } from '#shared/connection.ts'
import type { OutboxPage, RunsPage, RunsQuery, SearchRequest } from '#shared/api.ts'
import type { JsonObject } from '#shared/json.ts'
import { mailboxesOf } from '#shared/nodes/receive-email.ts'
import { api, ApiFailure, needsSignIn } from './client.ts'
import type { OutboxFilter } from './routes-types.ts'

export const keys = {
  me: ['me'] as const,
  flows: ['flows'] as const,
  flow: (id: string) => ['flow', id] as const,
  versions: (id: string) => ['flow', id, 'versions'] as const,
  sample: (id: string) => ['sample', id] as const,
  connections: ['connections'] as const,
  folders: (id: string) => ['folders', id] as const,
  matches: (id: string, request: SearchRequest | null) => ['matches', id, request] as const,
  signIn: (id: string) => ['sign-in', id] as const,
  detected: (address: string) => ['detected', address] as const,
  allRuns: ['runs'] as const,
  runs: (query: RunsFilter) => ['runs', query] as const,
  anyRun: ['run'] as const,
  run: (id: string) => ['run', id] as const,
  runMail: (id: string) => ['run-mail', id] as const,
  people: ['people'] as const,
  peopleNames: ['people', 'names'] as const,
  mailboxes: ['mailboxes'] as const,
  senders: ['senders'] as const,
  allOutbox: ['outbox'] as const,
  outbox: (query: OutboxFilter) => ['outbox', query] as const,
  anyOutboxCount: ['outbox-count'] as const,
  outboxCount: (query: OutboxFilter) => ['outbox-count', query] as const,
  sendMail: (id: string) => ['send-mail', id] as const,
  sandbox: ['sandbox'] as const,
  sandboxMail: (id: string) => ['sandbox-mail', id] as const,
}

export type RunsFilter = Omit<RunsQuery, 'cursor' | 'limit'>
export type RunsData = InfiniteData<RunsPage, string>
export type OutboxData = InfiniteData<OutboxPage, string>
const pageSize = 50

/** The screens' cache. A lost session shows itself wherever it is met first, so `me` is asked again and the sign-in page follows. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (needsSignIn(error) && query.queryKey[0] !== keys.me[0]) void client.invalidateQueries({ queryKey: keys.me })
      },
    }),
    defaultOptions: {
      // The live stream keeps the caches fresh, so looking again by the clock or on focus is rarely needed.
      queries: { staleTime: 30_000, refetchOnWindowFocus: false, retry: (count, error) => count < 2 && mayHelp(error) },
    },
  })
  return client
}

/** No answer at all, or the server's own trouble; a refusal stays one. */
const mayHelp = (error: unknown): boolean => error instanceof ApiFailure && (error.status === 0 || error.status >= 500)

export const useMe = () => useQuery({ queryKey: keys.me, queryFn: ({ signal }) => api('GET /api/me', { signal }), retry: (count, error) => count < 5 && mayHelp(error) })
export const useFlows = () => useQuery({ queryKey: keys.flows, queryFn: ({ signal }) => api('GET /api/flows', { signal }) })
export const useFlow = (id: string) => useQuery({ queryKey: keys.flow(id), queryFn: ({ signal }) => api('GET /api/flows/:id', { params: { id }, signal }) })
export const useVersions = (id: string) => useQuery({ queryKey: keys.versions(id), queryFn: ({ signal }) => api('GET /api/flows/:id/versions', { params: { id }, signal }) })
export const useSample = (id: string) => useQuery({ queryKey: keys.sample(id), queryFn: ({ signal }) => api('GET /api/flows/:id/sample', { params: { id }, signal }), enabled: id !== '' })
export const useConnections = () => useQuery({ queryKey: keys.connections, queryFn: ({ signal }) => api('GET /api/connections', { signal }) })
/** An account by the name people gave it; by its short name until the list has come, or when it is gone. */
export function useConnectionName(): (id: string) => string {
  const { data } = useConnections()
  return (id) => data?.connections.find((one) => one.id === id)?.name ?? id
}
export const useFolders = (id: string, enabled = true) => useQuery({
  queryKey: keys.folders(id), queryFn: ({ signal }) => api('GET /api/connections/:id/folders', { params: { id }, signal }), enabled: enabled && id !== '', retry: false,
})
/** How many mails match, and the newest; the one before is shown until then. */
export const useMatches = (id: string, request: SearchRequest | null) => useQuery({
  queryKey: keys.matches(id, request), queryFn: ({ signal }) => api('POST /api/connections/:id/messages', { params: { id }, body: request ?? { folder: '', search: {} }, signal }),
  enabled: id !== '' && request !== null, retry: false, placeholderData: keepPreviousData,
})
/** Looked up once for each address, and never by itself again: it reaches out to strangers' servers. */
export const useDetected = (address: string) => useQuery({
  queryKey: keys.detected(address), queryFn: ({ signal }) => api('POST /api/connections/detect', { body: { address }, signal }), enabled: address !== '', staleTime: Infinity, retry: false,
})
export const usePeople = () => useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api('GET /api/people', { signal }) })
export const usePeopleNames = (enabled: boolean) => useQuery({ queryKey: keys.peopleNames, queryFn: ({ signal }) => api('GET /api/people/names', { signal }), enabled })
export const useMailboxes = () => useQuery({ queryKey: keys.mailboxes, queryFn: ({ signal }) => api('GET /api/mailboxes', { signal }) })
export const useSenders = () => useQuery({ queryKey: keys.senders, queryFn: ({ signal }) => api('GET /api/senders', { signal }) })
/** Those of the watched mailboxes that a receive step with this config names. */
export const useMailboxesOf = (config: JsonObject): readonly MailboxStatus[] => {
  const named = mailboxesOf(config)
  return useMailboxes().data?.mailboxes.filter((box) => named.some(({ connection, folder }) => connection === box.connection && folder === box.folder)) ?? []
}
export const useSandbox = (enabled = true) => useQuery({ queryKey: keys.sandbox, queryFn: ({ signal }) => api('GET /api/sandbox', { signal }), enabled })
export const useSandboxMail = (id: string) => useQuery({
  queryKey: keys.sandboxMail(id), queryFn: ({ signal }) => api('GET /api/sandbox/mail/:id', { params: { id }, signal }), enabled: id !== '',
})

export const useRuns = (filter: RunsFilter) => useInfiniteQuery({
  queryKey: keys.runs(filter), initialPageParam: '', placeholderData: keepPreviousData,
  queryFn: ({ pageParam, signal }) => api('GET /api/runs', { query: { ...filter, limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) }, signal }),
  getNextPageParam: (page) => page.next ?? undefined,
})
export const useRun = (id: string) => useQuery({ queryKey: keys.run(id), queryFn: ({ signal }) => api('GET /api/runs/:id', { params: { id }, signal }), enabled: id !== '' })
export const useRunMail = (id: string, enabled = true) => useQuery({
  queryKey: keys.runMail(id), queryFn: ({ signal }) => api('GET /api/runs/:id/mail', { params: { id }, signal }), enabled: enabled && id !== '', staleTime: Infinity,
})
export const useOutbox = (query: OutboxFilter = {}) => useInfiniteQuery({
  queryKey: keys.outbox(query), initialPageParam: '', placeholderData: keepPreviousData,
  queryFn: ({ pageParam, signal }) => api('GET /api/outbox', { query: { ...query, limit: pageSize, ...(pageParam === '' ? {} : { cursor: pageParam }) }, signal }),
  getNextPageParam: (page) => page.next ?? undefined,
})
export const useSendMail = (id: string, enabled = true) => useQuery({
  queryKey: keys.sendMail(id), queryFn: ({ signal }) => api('GET /api/outbox/:id/mail', { params: { id }, signal }), enabled: enabled && id !== '', staleTime: Infinity,
})

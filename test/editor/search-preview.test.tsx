/** What stands under a search: counts and newest mails as the server answers them, without a browser. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { keys, makeQueryClient } from '#editor/api/queries.ts'
import { SearchPreview } from '#editor/nodes/widgets/search-preview.tsx'
import type { MessagesView } from '#shared/api.ts'
import type { JsonObject } from '#shared/json.ts'

const mail = { uid: '7', subject: '', from: 'Ada', date: null, size: 10, seen: false }

function show(search: JsonObject, answer: MessagesView | null = null, { connection = 'inbox', folder = 'INBOX' } = {}): string {
  const client = makeQueryClient()
  if (answer) client.setQueryData(keys.matches(connection, { folder, search, limit: 3 }), answer)
  const html = renderToStaticMarkup(<MantineProvider env="test"><QueryClientProvider client={client}><SearchPreview connection={connection} folder={folder} search={search} /></QueryClientProvider></MantineProvider>)
  client.clear()
  return html.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]+>/g, ' ').replace(/&#x27;/g, '\'').replace(/\s+/g, ' ').trim()
}

test('[ED120] the count says what was asked; the newest mails stand below it, also those without a subject', () => {
  expect(show({ from: 'ada', unseen: true }, { total: 1200, waiting: 1200, messages: [mail, { ...mail, uid: '8', subject: 'Order 8' }] })).toBe('1200 unread mails in INBOX match now. (no subject) Ada Order 8 Ada')
  expect(show({ flagged: true }, { total: 1, waiting: 0, messages: [{ ...mail, subject: 'One' }] })).toBe('1 mail in INBOX matches now. One Ada')
  expect(show({ flagged: true }, { total: 0, waiting: 0, messages: [] }, { connection: 'inbox', folder: 'Aufträge' })).toBe('No mail in Aufträge matches now.')
})

test('[ED120] nothing is asked without a connection, of an unfinished search, or for what another step fills in', () => {
  expect(show({ from: 'ada' })).toBe('Counting what matches…')
  expect(show({ from: 'ada' }, null, { connection: '', folder: 'INBOX' })).toBe('')
  expect(show({ keyword: 'two words' })).toBe('')
  expect(show({ from: '{{receive.from.address}}' })).toBe('')
})

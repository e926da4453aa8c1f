/** Asked when a flow is switched on for the first time: which of the mail that waits is its business, with how many that is right now. */
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { FlowNode } from '#shared/flow.ts'
import { textOr } from '#shared/json.ts'
import { api } from '../api/client.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { nodeName } from '../store/edits.ts'
import { texts } from '../texts.ts'
import { startChoices } from './start-words.ts'

export function StartQuestions() {
  const nodes = useDeskState((state) => state.flow).nodes.filter((node) => node.kind === 'receive-email' && typeof node.config['connection'] === 'string')
  return nodes.map((node) => <StartQuestion key={node.id} node={node} />)
}

function StartQuestion({ node }: { readonly node: FlowNode }) {
  const { store } = useDesk()
  const connection = textOr(node.config['connection'], '')
  const folder = textOr(node.config['folder'], 'INBOX')
  const there = useQuery({
    queryKey: ['start-count', connection, folder], queryFn: ({ signal }) => api('GET /api/connections/:id/messages', { params: { id: connection }, query: { folder, limit: 1 }, signal }),
    retry: false, staleTime: 0,
  })
  const start = textOr(node.config['startFrom'], 'now')
  const choices = startChoices(start, node.config['unseenOnly'] !== false, there.data ?? null)
  const say = there.error !== null ? texts.start.unknown : there.data === undefined ? texts.start.asking : choices.find((choice) => choice.value === start)?.say
  return (
    <Select label={texts.start.title(nodeName(node), folder)} value={start} data={choices.map(({ value, label }) => ({ value, label }))}
      description={say} inputWrapperOrder={['label', 'input', 'description', 'error']} onChange={(next) => { if (next !== null) store.setConfig(node.id, 'startFrom', next) }} />
  )
}

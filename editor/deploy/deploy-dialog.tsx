/** What goes live, before it does: the changes since the running version, or what is still missing with a way to each. */
import { Button, Group, Modal } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FlowProblem } from '#shared/flow.ts'
import { api } from '../api/client.ts'
import { keys, useVersions } from '../api/queries.ts'
import { listChanges } from '../store/changes.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { ChangeList } from '../ui/change-list.tsx'
import css from './deploy.module.css'
import { DeliveryNotes } from './delivery-notes.tsx'
import { ProblemList } from '../ui/problem-list.tsx'
import { StartQuestions } from './start-question.tsx'

export function DeployDialog({ onClose }: { readonly onClose: () => void }) {
  const { store, saver, view, problems, connections } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const versions = useVersions(view.id)
  const client = useQueryClient()
  const latest = versions.data?.versions.find((version) => version.version === view.latest)?.flow ?? null
  const running = versions.data?.versions.find((version) => version.version === view.running)?.flow ?? null
  const changes = listChanges(latest, flow, connections ?? [])
  const same = latest !== null && changes.length === 0
  const deploy = useMutation({
    mutationFn: async () => {
      // What runs must be what is on the screen, so the file is brought up to it first.
      if (!(await saver.saveNow())) return null
      return api('POST /api/flows/:id/deploy', { params: { id: view.id } })
    },
    onSuccess: (deployed) => {
      if (deployed !== null) void client.invalidateQueries({ queryKey: keys.flow(view.id) })
      void client.invalidateQueries({ queryKey: keys.flows })
      onClose()
    },
  })
  // What other running flows do is the server's to know.
  const beside = useQuery({ queryKey: ['check', view.id, flow], queryFn: ({ signal }) => api('POST /api/flows/:id/check', { params: { id: view.id }, body: flow, signal }), staleTime: 0, gcTime: 0, retry: false })
  const known = new Set(problems.warnings.map(({ node, code }) => `${node} ${code}`))
  const warnings = [...problems.warnings, ...(beside.data?.problems ?? []).filter(({ severity, node, code }) => severity === 'warning' && !known.has(`${node} ${code}`))]
  const jump = (problem: FlowProblem): void => {
    if (problem.node !== '') store.select({ nodes: [problem.node], edges: [] })
    onClose()
  }
  const blocked = problems.errors.length > 0
  return (
    <Modal opened onClose={onClose} size={500} title={same ? texts.deploy.startTitle(view.latest) : texts.deploy.title(view.latest + 1)}>
      <div className={css['dialog']}>
        {blocked ? (
          <>
            <Note tone="bad" title={texts.deploy.blocked(problems.errors.length)} />
            <ProblemList problems={problems.errors} onShow={jump} />
          </>
        ) : versions.error !== null ? <ErrorNote error={versions.error} onRetry={() => { void versions.refetch() }} />
          : versions.data === undefined ? <Loading what={texts.deploy.loading} rows={2} />
            : (
              <>
                <h3>{same ? texts.deploy.same(view.latest) : latest === null ? texts.deploy.first : texts.deploy.changes}</h3>
                {!same && <ChangeList changes={changes} />}
                <StartQuestions running={running} />
                <DeliveryNotes latest={latest} />
                {warnings.length > 0 && <><h3>{texts.deploy.warnings}</h3><ProblemList problems={warnings} onShow={jump} /></>}
                {view.running !== null && <p>{texts.deploy.inFlight}</p>}
              </>
            )}
        {deploy.error !== null && <ErrorNote error={deploy.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{texts.deploy.cancel}</Button>
          {!blocked && <Button loading={deploy.isPending} disabled={versions.data === undefined} data-autofocus onClick={() => { deploy.mutate() }}>{same ? texts.header.start(view.latest) : texts.header.deploy(view.latest + 1)}</Button>}
        </Group>
      </div>
    </Modal>
  )
}

/** Every version that was deployed, newest first, with what it changed; any of them can come back into the draft. */
import { Button } from '@mantine/core'
import { GitCommitHorizontal } from 'lucide-react'
import { useLocation } from 'wouter'
import { useVersions } from '../api/queries.ts'
import { ChangeList } from '../ui/change-list.tsx'
import { paths } from '../routes.ts'
import { listChanges } from '../store/changes.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loading } from '../ui/loading.tsx'
import { Moment } from '../ui/moment.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { Pill } from '../ui/pill.tsx'
import css from './flow.module.css'

export function VersionsTab() {
  const { view, store, connections } = useDesk()
  const [, go] = useLocation()
  const versions = useVersions(view.id)
  if (versions.error !== null) return <div className={css['loadError']}><ErrorNote error={versions.error} onRetry={() => { void versions.refetch() }} /></div>
  if (versions.data === undefined) return <Loading what={texts.versions.loading} />
  const newestFirst = versions.data.versions.toSorted((a, b) => b.version - a.version)
  if (newestFirst.length === 0) return <EmptyState icon={<GitCommitHorizontal size={20} />} title={texts.versions.none} say={texts.versions.noneSay} />
  return (
    <ol className={css['versions']}>
      {newestFirst.map((version, index) => {
        const before = newestFirst[index + 1]?.flow ?? null
        const changes = before === null ? [] : listChanges(before, version.flow, connections ?? [])
        return (
          <li key={version.version}>
            <div className={css['versionHead']}>
              <strong>{texts.versions.version(version.version)}</strong>
              {version.running && <Pill tone="ok">{texts.versions.running}</Pill>}
              <small><Moment at={version.deployedAt} /></small>
              <Button variant="default" size="xs" title={texts.versions.backSay} onClick={() => {
                store.replace({ ...version.flow, view: store.state.getState().flow.view }, texts.undo.restore(version.version))
                go(paths.flow(view.id))
              }}>{texts.versions.back}</Button>
            </div>
            {before === null ? <p>{texts.versions.first}</p> : changes.length === 0 ? <p>{texts.versions.same}</p> : <ChangeList changes={changes} />}
          </li>
        )
      })}
    </ol>
  )
}

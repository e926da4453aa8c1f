/** Under a search: how many mails match right now and the newest of them, asked once nobody types; a slow or missing server holds up nothing. */
import { useDebouncedValue } from '@mantine/hooks'
import type { JsonObject } from '#shared/json.ts'
import { mailSearchSchema } from '#shared/mail-search.ts'
import { sayFailure } from '#editor/api/client.ts'
import { useMatches } from '#editor/api/queries.ts'
import { texts } from '#editor/texts.ts'
import { Moment } from '#editor/ui/moment.tsx'
import css from './widgets.module.css'

const words = texts.field.search
/** Longer than between two letters, for each question is a login. */
const pauseMs = 700
const shown = 3

export interface SearchPreviewProps {
  readonly connection: string
  readonly folder: string
  readonly search: JsonObject
}

export function SearchPreview({ connection, folder, search }: SearchPreviewProps) {
  const asked = mailSearchSchema.safeParse(search)
  // What another step fills in can't be asked for here.
  const wanted = asked.success && !JSON.stringify([folder, search]).includes('{{') ? JSON.stringify(asked.data) : ''
  const [settled] = useDebouncedValue(wanted, pauseMs)
  const typing = settled !== wanted
  const { data, error, isFetching, refetch } = useMatches(connection, wanted === '' || typing || !asked.success ? null : { folder, search: asked.data, limit: shown })
  if (connection === '' || wanted === '') return null
  if (error !== null && !typing) {
    return <output className={css['preview']}>{words.uncounted(sayFailure(error))} <button type="button" onClick={() => { void refetch() }}>{words.again}</button></output>
  }
  if (data === undefined) return <output className={css['preview']}>{words.counting}</output>
  return (
    <div className={css['preview']} data-stale={typing || isFetching || undefined}>
      <output>{words.matches(data.total, search['unseen'] === true, folder)}</output>
      {data.messages.length > 0 && (
        <ul>
          {data.messages.map((mail) => (
            <li key={mail.uid}><bdi>{mail.subject || words.noSubject}</bdi><small><bdi>{mail.from}</bdi>{mail.date !== null && <Moment at={mail.date} as="ago" />}</small></li>
          ))}
        </ul>
      )}
    </div>
  )
}

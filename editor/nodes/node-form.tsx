/** The settings of one step, made from its description: usual ones first, then each concern folded under its heading, the rest under "More". */
import { useMemo, type ReactNode } from 'react'
import type { FlowNode } from '#shared/flow.ts'
import type { Json } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { filledByMode } from '#shared/sending/mode.ts'
import { isFieldUsed } from '#shared/used-fields.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { adviceFor } from '../store/problems.ts'
import { texts } from '../texts.ts'
import { Fold } from '../ui/fold.tsx'
import { groupFields, sayGroup } from './field-groups.ts'
import { fieldsOf, isPop3, mappedInto, valueOf, type FormField } from './fields.ts'
import css from './nodes.module.css'
import { halfWidth, widgets } from './widgets/widgets.ts'

export function NodeForm({ node }: { readonly node: FlowNode }) {
  const { connections, problems: allProblems } = useDesk()
  const mapped = useMapped(node)
  const problems = allProblems.byNode.get(node.id)
  const pop3 = isPop3(node.config, connections)
  // What POP3 has no word for is not asked; what is wrong with it is still to be seen.
  const fields = fieldsOf(node.kind).filter((field) =>
    isFieldUsed(nodeDescriptions[node.kind].config, field.key, node.config) && (!pop3 || field.meta.imapOnly !== true || adviceFor(problems, field.key) !== ''))
  const { usual, groups, rare } = groupFields(fields)
  // A fault inside a fold must not hide.
  const hasFault = (members: readonly FormField[]): boolean => members.some((field) => adviceFor(problems, field.key) !== '')
  const folded = (title: string, members: readonly FormField[], aside?: ReactNode): ReactNode => (
    <Fold key={title} title={title} aside={aside} open={hasFault(members)}><div className={css['folded']}><Fields fields={members} node={node} mapped={mapped} /></div></Fold>
  )
  return (
    <div className={css['form']}>
      <Fields fields={usual} node={node} mapped={mapped} />
      {(groups.length > 0 || rare.length > 0) && (
        <div className={css['groups']}>
          {groups.map((group) => folded(group.title, group.fields, <bdi>{sayGroup(group, node.config, mapped)}</bdi>))}
          {rare.length > 0 && folded(texts.inspector.more, rare)}
        </div>
      )}
    </div>
  )
}

function useMapped(node: FlowNode): ReadonlyMap<string, string> {
  const flow = useDeskState((state) => state.flow)
  return useMemo(() => mappedInto(flow, node.id), [flow, node.id])
}

function Fields({ fields, node, mapped }: { readonly fields: readonly FormField[]; readonly node: FlowNode; readonly mapped: ReadonlyMap<string, string> }) {
  const { store, problems } = useDesk()
  const formWins = node.config['priority'] === 'form'
  const ofMail = node.kind === 'send-email' ? filledByMode(node.config) : []
  return (
    <div className={css['fields']} onBlur={store.endGesture}>
      {fields.map((field) => {
        const Widget = widgets[field.meta.widget]
        const by = mapped.get(field.key)
        const typed = node.config[field.key] !== undefined
        const hint = by !== undefined ? texts.inspector.saidBy(by) : ofMail.includes(field.key) ? texts.inspector.ofMail(field.key) : undefined
        const help = by === undefined || hint === undefined || !typed ? field.meta.description ?? '' : `${capital(hint)}; ${formWins ? texts.inspector.formWins : texts.inspector.mappedWins}.`
        return (
          <div key={field.key} data-half={halfWidth.has(field.meta.widget) || undefined} data-mapped={by !== undefined || undefined} data-missing={!typed || undefined}>
            <Widget field={field} node={node.id} value={valueOf(field, node.config)} config={node.config} help={help} hint={hint} error={adviceFor(problems.byNode.get(node.id), field.key)}
              onChange={(value: Json | undefined) => { store.setConfig(node.id, field.key, value) }} />
          </div>
        )
      })}
    </div>
  )
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

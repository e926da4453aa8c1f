/** The settings of one step, made from its description: usual ones first, the rest folded under "More". */
import { useMemo } from 'react'
import type { FlowNode } from '#shared/flow.ts'
import type { Json } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { isFieldUsed } from '#shared/used-fields.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { adviceFor } from '../store/problems.ts'
import { texts } from '../texts.ts'
import { Fold } from '../ui/fold.tsx'
import { fieldsOf, isPop3, mappedInto, valueOf, type FormField } from './fields.ts'
import css from './nodes.module.css'
import { halfWidth, widgets } from './widgets/widgets.ts'

export function NodeForm({ node }: { readonly node: FlowNode }) {
  const { connections, problems: allProblems } = useDesk()
  const problems = allProblems.byNode.get(node.id)
  const pop3 = isPop3(node.config, connections)
  // What POP3 has no word for is not asked; what is wrong with it is still to be seen.
  const fields = fieldsOf(node.kind).filter((field) =>
    isFieldUsed(nodeDescriptions[node.kind].config, field.key, node.config) && (!pop3 || field.meta.imapOnly !== true || adviceFor(problems, field.key) !== ''))
  const usual = fields.filter((field) => field.meta.advanced !== true)
  const rare = fields.filter((field) => field.meta.advanced === true)
  // A fault inside the fold must not hide.
  const faultInside = rare.some((field) => adviceFor(problems, field.key) !== '')
  return (
    <div className={css['form']}>
      <Fields fields={usual} node={node} />
      {rare.length > 0 && <Fold key={String(faultInside)} title={texts.inspector.more} open={faultInside}><div className={css['folded']}><Fields fields={rare} node={node} /></div></Fold>}
    </div>
  )
}

function Fields({ fields, node }: { readonly fields: readonly FormField[]; readonly node: FlowNode }) {
  const { store, problems } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const mapped = useMemo(() => mappedInto(flow, node.id), [flow, node.id])
  const formWins = node.config['priority'] === 'form'
  return (
    <div className={css['fields']} onBlur={store.endGesture}>
      {fields.map((field) => {
        const Widget = widgets[field.meta.widget]
        const by = mapped.get(field.key)
        const typed = node.config[field.key] !== undefined
        const hint = by === undefined ? undefined : texts.inspector.saidBy(by)
        const help = hint === undefined || !typed ? field.meta.description ?? '' : `${capital(hint)}; ${formWins ? texts.inspector.formWins : texts.inspector.mappedWins}.`
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

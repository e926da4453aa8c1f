/** Nothing chosen: what the flow still needs, with a way to each place, and its steps in a list. */
import { CircleCheck } from 'lucide-react'
import { Link } from 'wouter'
import { ProblemList } from '../ui/problem-list.tsx'
import { fillOf, kindIcons } from '../ui/families.ts'
import { paths } from '../routes.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { cardOf, nodeName } from '../store/edits.ts'
import { texts } from '../texts.ts'
import { Moment } from '../ui/moment.tsx'
import { FlowSafety } from './flow-safety.tsx'
import css from './inspector.module.css'

export function FlowPanel() {
  const { store, problems, view, connections } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const show = (id: string): void => { if (id !== '') store.select({ nodes: [id], edges: [] }) }
  return (
    <div className={css['plain']} data-panel-body>
      <div><h2>{texts.inspector.flow}</h2>{flow.nodes.length > 0 && <p className={css['hint']}>{texts.inspector.flowSay}</p>}</div>
      {flow.nodes.length > 0 && problems.all.length === 0 && <p className={css['ready']}><CircleCheck size={15} aria-hidden="true" />{texts.inspector.ready}{view.running === null && ` ${texts.inspector.readyDeploy}`}</p>}
      {problems.errors.length > 0 && <section><h3>{texts.inspector.toFix}</h3><ProblemList problems={problems.errors} onShow={(problem) => { show(problem.node) }} /></section>}
      {problems.warnings.length > 0 && <section><h3>{texts.inspector.toCheck}</h3><ProblemList problems={problems.warnings} onShow={(problem) => { show(problem.node) }} /></section>}
      {view.lastProblem !== null && (
        <section>
          <h3>{texts.inspector.lastProblem}</h3>
          <Link to={paths.run(view.lastProblem.run)} className={css['lastProblem'] ?? ''}>{view.lastProblem.say} <small><Moment at={view.lastProblem.at} as="ago" /></small></Link>
        </section>
      )}
      {flow.nodes.length > 0 && (
        <section>
          <h3>{texts.inspector.steps}</h3>
          <ul className={css['steps']}>
            {flow.nodes.map((node) => {
              const Icon = kindIcons[node.kind]
              return (
                <li key={node.id}>
                  <button type="button" onClick={() => { show(node.id) }}>
                    <i style={{ background: fillOf(node.kind) }}><Icon size={12} aria-hidden="true" /></i>
                    <span><bdi>{nodeName(node)}</bdi><small>{cardOf(node, connections ?? []).subtitle}</small></span>
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      )}
      {flow.nodes.length > 0 && <FlowSafety />}
      <p className={css['file']}>{texts.inspector.file} <code>flows/{view.id}.json</code></p>
    </div>
  )
}

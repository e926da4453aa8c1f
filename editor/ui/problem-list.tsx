/** What is wrong, one line each, with a button that leads to the step it is about. */
import { CircleAlert, TriangleAlert } from 'lucide-react'
import type { FlowProblem } from '#shared/flow.ts'
import { useDeskState } from '../store/desk.ts'
import { findNode, nodeName } from '../store/edits.ts'
import { texts } from '../texts.ts'
import css from './lists.module.css'

export function ProblemList({ problems, onShow }: { readonly problems: readonly FlowProblem[]; readonly onShow: (problem: FlowProblem) => void }) {
  const flow = useDeskState((state) => state.flow)
  return (
    <ul className={css['problems']}>
      {problems.map((problem, index) => {
        const node = findNode(flow, problem.node)
        return (
          <li key={`${problem.code}${problem.node}${problem.field}${index}`} data-severity={problem.severity}>
            {problem.severity === 'error' ? <CircleAlert size={15} aria-hidden="true" /> : <TriangleAlert size={15} aria-hidden="true" />}
            <span>{node !== null && <small>{nodeName(node)}</small>}{problem.advice}</span>
            {node !== null && <button type="button" onClick={() => { onShow(problem) }}>{texts.deploy.show}</button>}
          </li>
        )
      })}
    </ul>
  )
}

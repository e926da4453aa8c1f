/** The steps of a run from top to bottom: state, time, what came in, what went out, and what went wrong. */
import type { RunView } from '#shared/api.ts'
import { isJsonObject, type Json } from '#shared/json.ts'
import { sayRequest, type MailboxRequest } from '#shared/mailbox-action.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import type { StepView } from '#shared/run.ts'
import { kindIcons } from '../ui/families.ts'
import { Fold } from '../ui/fold.tsx'
import { sayAnswer } from '../ui/mailbox-words.ts'
import { sayDuration } from '../ui/formats.ts'
import { LeftOut } from '../ui/left-out.tsx'
import { Moment } from '../ui/moment.tsx'
import { stepWords } from '../ui/states.ts'
import { sayShort, ValueView } from '../ui/value-view.tsx'
import css from './run-timeline.module.css'

export function RunTimeline({ run }: { readonly run: RunView }) {
  return <ol className={css['timeline']}>{run.steps.map((step) => <Step key={step.node} step={step} />)}</ol>
}

function Step({ step }: { readonly step: StepView }) {
  const Icon = kindIcons[step.kind]
  const { family } = nodeDescriptions[step.kind]
  const { tone, say } = stepWords[step.state]
  return (
    <li className={css['step']} data-state={step.state}>
      <span className={css['icon']} data-family={family} aria-hidden="true"><Icon size={15} /></span>
      <div className={css['body']}>
        <p className={css['head']}>
          <strong><bdi>{step.name}</bdi></strong>
          <span data-tone={tone}>{say}</span>
          <span className={css['when']}>{step.startedAt && <Moment at={step.startedAt} />}{step.durationMs !== null && ` · ${sayDuration(step.durationMs)}`}</span>
        </p>
        {step.problem && <p className={css['problem']} data-tone={tone}>{step.problem.say}</p>}
        {family === 'send' && <LeftOut output={step.output} />}
        {family === 'mailbox'
          // A step of this family has its request as input (shared/mailbox-action.ts).
          ? <><Values title="What was asked" value={step.input} say={isJsonObject(step.input) ? sayRequest(step.input as unknown as MailboxRequest) : null} /><Values title="The answer" value={step.output} say={sayAnswer(step.output)} /></>
          : <><Values title="What came in" value={step.input} /><Values title="What went out" value={step.output} /></>}
      </div>
    </li>
  )
}

function Values({ title, value, say = null }: { readonly title: string; readonly value: Json; readonly say?: string | null }) {
  if (value === null || (isJsonObject(value) && Object.keys(value).length === 0)) return null
  return (
    <div className={css['values']}>
      <Fold title={title} aside={<span className={css['short']}>{say ?? sayShort(summaryOf(value), 60)}</span>}>
        <div className={css['tree']}><ValueView value={value} /></div>
      </Fold>
    </div>
  )
}

/** What tells one value from another at a glance: the subject of a mail (of the one step it came from, too), who took it, else the whole. */
function summaryOf(value: Json): Json {
  if (!isJsonObject(value)) return value
  if (typeof value['subject'] === 'string' && value['subject'] !== '') return value['subject']
  // A sent mail: who has it.
  if (Array.isArray(value['accepted'])) return value['accepted'].length > 0 ? value['accepted'] : value['answer'] ?? null
  const [only, ...others] = Object.values(value)
  return only !== undefined && others.length === 0 ? summaryOf(only) : value
}

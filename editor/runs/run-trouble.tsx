/** The first line of a run that did not go well: why, and what to do about it. Nothing for a run that did. */
import { Button } from '@mantine/core'
import { Link } from 'wouter'
import type { RunView } from '#shared/api.ts'
import { errors, type ErrorCode, type RetryClass } from '#shared/errors.ts'
import { paths } from '../routes.ts'
import { sayCount } from '../ui/formats.ts'
import { Moment } from '../ui/moment.tsx'
import { Note } from '../ui/note.tsx'

export function RunTrouble({ run }: { readonly run: RunView }) {
  const unknown = run.sends.find((send) => send.state === 'unknown')
  if (run.state === 'unknown' || unknown) {
    return (
      <Note tone="warn" title="It is not known whether the mail was sent" actions={<Button component={Link} href={unknown ? paths.outboxMail(unknown) : `${paths.outbox}?state=unknown`} size="xs">Decide in the outbox</Button>}>
        {run.problem?.say ?? 'The mail was handed over, but no answer came back.'}
      </Note>
    )
  }
  const step = run.steps.find((one) => one.problem !== null)
  const problem = run.problem ?? step?.problem ?? null
  if (problem?.code === 'SEND_HELD') return <Note tone="warn" title={problem.say} actions={<Button component={Link} href={paths.heldMails} size="xs">Look at it in the outbox</Button>} />
  if (run.state === 'waiting') {
    const next = run.sends.flatMap((send) => (send.nextAttemptAt ? [send.nextAttemptAt] : [])).toSorted()[0]
    return <Note tone="warn" title={problem?.say ?? 'The server asked to try again later.'}>It is tried again by itself{next ? <>, next <Moment at={next} as="until" /></> : ''}. Nothing has to be done.</Note>
  }
  if (run.state === 'failed' && problem) {
    const refused = run.sends.find((send) => send.state === 'refused')
    return (
      <Note tone="bad" title={problem.say} actions={<>
        {refused && <Button component={Link} href={paths.outboxMail(refused)} size="xs">Try again or edit</Button>}
        <Button component={Link} href={paths.flow(run.flow)} size="xs" variant="default">Open the flow</Button>
      </>}>
        {step ? `It happened at ${step.name}. ` : ''}{refused ? 'The mail is kept in the outbox: mend the cause, then try it again, or send it to another address.' : whatToDo(problem.code)}
      </Note>
    )
  }
  if (run.state === 'bounced' && problem) {
    const told = run.sends.flatMap((send) => send.history).findLast((event) => event.what === 'bounced' && event.run !== undefined)
    return (
      <Note tone="bad" title={problem.say} actions={told?.run && <Button component={Link} href={paths.run(told.run)} size="xs" variant="default">Show the bounce</Button>}>
        The server had taken the mail; a report that came later says that it was not delivered. Nothing is sent again by itself: check the address, then replay this run.
      </Note>
    )
  }
  if (run.resent > 0) {
    return <Note tone="warn">{sayCount(run.resent, 'mail was', 'mails were')} sent again after an unknown outcome, with the same Message-ID: most receivers drop the double.</Note>
  }
  return null
}

const advice: Record<RetryClass, string> = {
  never: 'The same would happen again: change the flow, deploy it, then replay this run.',
  later: 'It may work now: replay this run.',
  rescan: 'It may work now: replay this run.',
  person: 'Put it right first, then replay this run.',
}
const whatToDo = (code: ErrorCode): string => advice[errors[code]?.retry ?? 'person']

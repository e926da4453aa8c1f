/** What each decision about a mail is called, and what it means, said before it happens. */
import type { DecisionKind } from '#shared/outbox.ts'
import { sayCount } from '../ui/formats.ts'

export interface DecisionWords {
  readonly title: string
  readonly tone: 'accent' | 'bad'
  readonly say: string
  readonly done: (count: number) => string
}
const mails = (count: number, one: string, many: string): string => `${sayCount(count, 'mail')} ${count === 1 ? one : many}`

export const decisionWords: Readonly<Record<DecisionKind, DecisionWords>> = {
  'send-now': { title: 'Send now', tone: 'accent', say: 'It goes past its delay, quiet hours and limits; a server that is down is still waited for.', done: (count) => `${mails(count, 'is', 'are')} sent now.` },
  retry: { title: 'Try again now', tone: 'accent', say: 'The very same mail goes to those who did not get it. Whoever has it is not sent it again.', done: (count) => `${mails(count, 'is', 'are')} tried again.` },
  resend: { title: 'Send again', tone: 'accent', say: 'The very same mail with the same Message-ID. If the first one did arrive, most receivers show it once; some may show it twice.', done: (count) => `${mails(count, 'is', 'are')} sent again.` },
  'was-sent': { title: 'It was sent', tone: 'accent', say: 'You have seen it at the receiver or in the sent mail. The run goes on as if the server had answered.', done: (count) => `${mails(count, 'counts', 'count')} as sent.` },
  approve: { title: 'Let it go', tone: 'accent', say: 'It is sent now.', done: (count) => `${mails(count, 'goes', 'go')} out.` },
  discard: { title: 'Discard', tone: 'bad', say: 'It is never sent, and the run ends as failed.', done: (count) => `${mails(count, 'was', 'were')} discarded.` },
  cancel: { title: 'Call off', tone: 'bad', say: 'It is not sent to those who are still waiting for it, and the run ends as failed. The run can be replayed later.', done: (count) => `${mails(count, 'was', 'were')} called off.` },
  'give-up': { title: 'Give up', tone: 'bad', say: 'It is not sent again and leaves this list; the run ends as failed. The run can be replayed later.', done: (count) => `${mails(count, 'was', 'were')} given up.` },
}

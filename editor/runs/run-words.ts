/** What a run is called on screen: its mail's subject and sender, or why they are not known yet. */
import type { RunSummary } from '#shared/run.ts'

const isUnread = ({ state }: RunSummary): boolean => state === 'queued' || state === 'running'

/** The mail is taken apart by the run itself, so for a moment nothing of it is known. */
export const subjectOf = (run: RunSummary): string =>
  run.hidden ? 'A mail that is not shared with you' : run.mail.subject || (isUnread(run) ? 'Being read…' : '(no subject)')
export const senderOf = (run: RunSummary, connectionName: (id: string) => string): string =>
  run.hidden ? connectionName(run.mail.connection) : run.start === 'event' ? `${connectionName(run.mail.connection)} / ${run.mail.folder}` : run.mail.from || (isUnread(run) ? connectionName(run.mail.connection) : 'unknown sender')

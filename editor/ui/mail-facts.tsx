/** What a mail says about itself beyond its text: sender checks, its kind, whom a bounce missed, an invitation. Nothing of it when there is nothing. */
import type { BounceRecipient, Mail, MailBounce, MailInvite } from '#shared/mail.ts'
import { sayClock, sayCount, sayDay } from './formats.ts'
import css from './mail-facts.module.css'
import { Note } from './note.tsx'
import { Pill, type Tone } from './pill.tsx'

/** Lines of the mail's head. */
export function MailMarks({ mail }: { readonly mail: Mail }) {
  const { auth } = mail
  const kinds = [mail.isBounce ? 'Bounce' : '', mail.isAutoReply ? 'Automatic mail' : '', mail.isList ? 'Mailing list' : '', mail.ambiguousSender ? 'More than one sender' : ''].filter((kind) => kind !== '')
  return (
    <>
      {auth.by !== '' && (
        <div>
          <dt title={`Made by ${auth.by} when it took the mail in`}>Checks</dt>
          <dd className={css['marks']}>
            {([['SPF', auth.spf], ['DKIM', auth.dkim], ['DMARC', auth.dmarc]] as const).map(([name, result]) => <Pill key={name} tone={toneOf(result)}>{name} {result}</Pill>)}
            <span className={css['quiet']}>by {auth.by}</span>
          </dd>
        </div>
      )}
      {kinds.length > 0 && <div><dt>Kind</dt><dd className={css['marks']}>{kinds.map((kind) => <Pill key={kind} tone="quiet" dot={false}>{kind}</Pill>)}</dd></div>}
    </>
  )
}

const toneOf = (result: string): Tone => (result === 'pass' || result === 'bestguesspass' ? 'ok' : /fail|error/.test(result) ? 'bad' : 'quiet')

/** Stands between the mail's head and its text. */
export function MailNotes({ mail: { bounce, invite } }: { readonly mail: Mail }) {
  if (!bounce && !invite) return null
  return (
    <div className={css['notes']}>
      {bounce && <Bounce bounce={bounce} />}
      {invite && <Invite invite={invite} />}
    </div>
  )
}

/** Never 'bad', which is read out as an alarm: what happened lies in the past. */
const bounceTones = { failed: 'warn', delayed: 'quiet', delivered: 'ok', relayed: 'ok', expanded: 'ok', complaint: 'warn' } as const satisfies Record<MailBounce['kind'], Tone>
const bounceTitles: Readonly<Record<MailBounce['kind'], string>> = {
  failed: 'A mail sent earlier did not arrive', delayed: 'A mail sent earlier is still on its way', delivered: 'A mail sent earlier has arrived', relayed: 'A mail sent earlier was handed on to a server that reports no more',
  expanded: 'A mail sent earlier went on to several people', complaint: 'Somebody complained about a mail sent earlier',
}
const shownPeople = 8

function Bounce({ bounce }: { readonly bounce: MailBounce }) {
  const { kind, recipients, messageId, reporter } = bounce
  return (
    <Note tone={bounceTones[kind]} title={bounceTitles[kind]}>
      {recipients.length > 0 && <ul className={css['people']}>{recipients.slice(0, shownPeople).map((one, index) => <Missed key={index} one={one} kind={kind} />)}</ul>}
      {recipients.length > shownPeople && <p>and {recipients.length - shownPeople} more</p>}
      {messageId !== '' && <p className={css['quiet']}>It was about {messageId}{reporter === '' ? '' : `, says ${reporter}`}</p>}
    </Note>
  )
}

function Missed({ one, kind }: { readonly one: BounceRecipient; readonly kind: MailBounce['kind'] }) {
  const why = [one.action === kind ? '' : one.action, one.diagnostic || one.status].filter((part) => part !== '').join(': ')
  return <li><bdi>{one.address || 'not named'}</bdi>{why !== '' && <span className={css['quiet']}> {why}</span>}</li>
}

const inviteTitles: Readonly<Record<string, string>> = { REQUEST: 'Invitation', CANCEL: 'Called off', REPLY: 'Answer to an invitation', COUNTER: 'Another time is proposed' }
const answers: Readonly<Record<string, string>> = { ACCEPTED: 'comes', DECLINED: 'does not come', TENTATIVE: 'may come', DELEGATED: 'sends somebody else' }

function Invite({ invite }: { readonly invite: MailInvite }) {
  const { method, summary, location, organizer, attendees, recurrence } = invite
  const head = invite.status === 'CANCELLED' ? 'Called off' : (inviteTitles[method] ?? 'Event')
  return (
    <Note tone={head === 'Called off' ? 'warn' : 'accent'} title={<>{head}{summary !== '' && <>: <bdi>{summary}</bdi></>}</>}>
      <p>{sayWhen(invite)}{recurrence === '' ? '' : ', repeats'}</p>
      {location !== '' && <p><bdi>{location}</bdi></p>}
      {organizer && (organizer.name !== '' || organizer.address !== '') && <p className={css['quiet']}>from <bdi>{organizer.name || organizer.address}</bdi>{attendees.length > 1 && `, to ${sayCount(attendees.length, 'person', 'people')}`}</p>}
      {method === 'REPLY' && attendees[0] && <p><bdi>{attendees[0].name || attendees[0].address}</bdi> {answers[attendees[0].status] ?? 'has not decided'}</p>}
    </Note>
  )
}

function sayWhen({ start, end, allDay, timeZone }: MailInvite): string {
  if (start === null) return 'Without a time that can be read'
  if (allDay) {
    // The end is the midnight behind the last day.
    const last = end === null ? start : new Date(Math.max(Date.parse(start), Date.parse(end) - 1)).toISOString()
    return sayDay(start, 'UTC') === sayDay(last, 'UTC') ? sayDay(start, 'UTC') : `${sayDay(start, 'UTC')} to ${sayDay(last, 'UTC')}`
  }
  // A floating time is the reader's own clock, whatever zone that stands in.
  const zone = timeZone === 'floating' ? 'UTC' : undefined
  const moment = (at: string): string => `${sayDay(at, zone)}, ${sayClock(at, zone)}`
  if (end === null || end === start) return moment(start)
  return `${moment(start)} to ${sayDay(start, zone) === sayDay(end, zone) ? sayClock(end, zone) : moment(end)}`
}

/** Under a step's name: how its mailboxes are doing while the flow runs, the one in most need first; else what the step is for. */
import type { MailboxHealth, MailboxStatus } from '#shared/connection.ts'
import type { FlowNode } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { useMailboxesOf } from '../api/queries.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { Moment } from '../ui/moment.tsx'
import css from './inspector.module.css'

export function LiveLine({ node }: { readonly node: FlowNode }) {
  const { view } = useDesk()
  const boxes = useMailboxesOf(node.config)
  const help = <span className={css['live']}>{nodeDescriptions[node.kind].help}</span>
  if (node.kind !== 'receive-email' || view.running === null) return help
  const neediest = boxes.toSorted((one, other) => need.indexOf(toneOf(one.health)) - need.indexOf(toneOf(other.health)))[0]
  if (neediest === undefined) return help
  const lastMailAt = newest(boxes)
  return (
    <span className={css['live']} data-tone={toneOf(neediest.health)} title={neediest.say}>
      <i aria-hidden="true" />{texts.inspector.watching[neediest.health]}{boxes.length > 1 && toneOf(neediest.health) !== 'ok' && ` (${neediest.connection}, ${neediest.folder})`}
      {lastMailAt !== null && <span>, {texts.inspector.lastMailAt('')}<Moment at={lastMailAt} /></span>}
    </span>
  )
}

const need = ['bad', 'warn', 'quiet', 'ok'] as const
const toneOf = (health: MailboxHealth): typeof need[number] =>
  health === 'needs-attention' || health === 'deaf' ? 'bad' : health === 'backing-off' || health === 'paused' ? 'warn' : health === 'stopped' ? 'quiet' : 'ok'
const newest = (boxes: readonly MailboxStatus[]): string | null =>
  boxes.reduce<string | null>((last, { lastMailAt }) => (lastMailAt !== null && (last === null || lastMailAt > last) ? lastMailAt : last), null)

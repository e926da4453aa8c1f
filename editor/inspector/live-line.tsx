/** Under a step's name: how its mailbox is doing while the flow runs, else what the step is for. */
import type { FlowNode } from '#shared/flow.ts'
import { textOr } from '#shared/json.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { useMailboxes } from '../api/queries.ts'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { Moment } from '../ui/moment.tsx'
import css from './inspector.module.css'

export function LiveLine({ node }: { readonly node: FlowNode }) {
  const { view } = useDesk()
  const boxes = useMailboxes().data?.mailboxes
  const help = <span className={css['live']}>{nodeDescriptions[node.kind].help}</span>
  if (node.kind !== 'receive-email' || view.running === null) return help
  const folder = textOr(node.config['folder'], 'INBOX')
  const box = boxes?.find((one) => one.connection === node.config['connection'] && one.folder === folder)
  if (box === undefined) return help
  const tone = box.health === 'needs-attention' || box.health === 'deaf' ? 'bad' : box.health === 'backing-off' || box.health === 'paused' ? 'warn' : box.health === 'stopped' ? 'quiet' : 'ok'
  return (
    <span className={css['live']} data-tone={tone} title={box.say}>
      <i aria-hidden="true" />{texts.inspector.watching[box.health]}
      {box.lastMailAt !== null && <span>, {texts.inspector.lastMailAt('')}<Moment at={box.lastMailAt} /></span>}
    </span>
  )
}

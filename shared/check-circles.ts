/**
 * Mail that goes in a circle between folders: a step puts it into a folder that a flow watches, and from there it comes
 * back. Each time it is a new mail to its server, so nothing but this warning would stop it. Pure; linear in the steps.
 */
import { sayNode } from './connect-rules.ts'
import type { Flow, FlowNode, FlowProblem } from './flow.ts'
import { nodesBefore } from './flow-order.ts'
import { isJsonObject, textOr } from './json.ts'
import { mailboxesOf } from './nodes/receive-email.ts'

/** A running flow; without a name for whom it is none of their business. */
export type RunningFlow = Pick<Flow, 'id' | 'name' | 'nodes' | 'edges'>

/** A step that puts the mail of a watched folder into another one of the same account. */
interface Move { readonly flow: RunningFlow; readonly node: FlowNode; readonly field: string; readonly connection: string; readonly from: string; readonly to: string }

/** `running`: flows beside this one; an older version of this one among them is passed over. */
export function checkCircles(flow: Flow, running: readonly RunningFlow[]): readonly FlowProblem[] {
  const own = movesOf(flow)
  if (own.length === 0) return []
  const moves = [...own, ...running.filter(({ id }) => id !== flow.id).flatMap(movesOf)]
  return own.flatMap((move): readonly FlowProblem[] => {
    const back = wayBack(move, moves)
    if (back === null) return []
    const by = back.flow === flow ? sayNode(back.node) : back.flow.name === '' ? 'another running flow' : `the running flow "${back.flow.name}"`
    const advice = back === move ? `This step puts mail into the folder that it watches, ${move.to}, so the same mail would run again and again. Choose another folder.`
      : `Mail goes in a circle: from ${move.from} to ${move.to} here, and back by ${by}. The same mail would run again and again. Choose another folder in one of them.`
    return [{ code: 'FLOW_CIRCLE', severity: 'warning', node: move.node.id, field: move.field, advice }]
  })
}

/** The move that closes the circle; null when none does. */
function wayBack(first: Move, moves: readonly Move[]): Move | null {
  const reached = new Set([first.to])
  let last: Move | null = first.to === first.from ? first : null
  // A set can grow while it is walked: each folder is visited once.
  for (const folder of reached) {
    for (const move of moves) {
      if (last !== null || move.connection !== first.connection || move.from !== folder) continue
      if (move.to === first.from) last = move
      reached.add(move.to)
    }
  }
  return last
}

function movesOf(flow: RunningFlow): readonly Move[] {
  return flow.nodes.flatMap((receive) => {
    if (receive.kind !== 'receive-email') return []
    const behind = flow.nodes.filter((node) => node.kind === 'change-mail' && (node.config['which'] ?? 'run') === 'run' && nodesBefore(flow, node.id).has(receive.id))
    const targets = [...['after', 'onFailure'].map((field) => ({ node: receive, field, to: targetOf(receive.config[field], 'folder') })), ...behind.map((node) => ({ node, field: 'target', to: targetOf({ do: 'move', ...node.config }, 'target') }))]
    return mailboxesOf(receive.config).flatMap(({ connection, folder }) => targets.flatMap(({ node, field, to }) => (to === '' ? [] : [{ flow, node, field, connection, from: nameOf(folder), to }])))
  })
}

/** '' for what puts the mail nowhere, or where only the mail can tell. */
function targetOf(action: unknown, field: 'folder' | 'target'): string {
  if (!isJsonObject(action) || (action['do'] !== 'move' && action['do'] !== 'copy')) return ''
  const folder = textOr(action[field], '').trim()
  return folder.includes('{{') ? '' : nameOf(folder)
}

/** The one folder whose name knows no capitals (RFC 9051 section 5.1). */
const nameOf = (folder: string): string => (/^inbox$/i.test(folder) ? 'INBOX' : folder)

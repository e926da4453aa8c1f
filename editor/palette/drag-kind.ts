/** What travels with the pointer from the palette to the canvas; anything else that is dropped there means nothing. */
import { nodeKinds, type NodeKind } from '#shared/flow.ts'

const type = 'application/x-mailweave-step'

export const dragKind = {
  put: (transfer: DataTransfer, kind: NodeKind): void => {
    transfer.setData(type, kind)
    transfer.effectAllowed = 'copy'
  },
  isOver: (transfer: DataTransfer): boolean => transfer.types.includes(type),
  take: (transfer: DataTransfer): NodeKind | null => nodeKinds.find((kind) => kind === transfer.getData(type)) ?? null,
}

/** The flow screen's desk, bound to React: the store, its saving, and what is known about the flow around it. */
import { createContext, useContext } from 'react'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { useStore } from 'zustand'
import type { ConnectionView, FlowView } from '#shared/api.ts'
import type { Flow } from '#shared/flow.ts'
import { makeFlowStore, type FlowState, type FlowStore } from './flow-store.ts'
import type { Problems } from './problems.ts'
import { makeSaver, type SavePorts, type Saver, type SaveState } from './save.ts'

export interface OpenDesk {
  readonly store: FlowStore
  readonly saver: Saver
  readonly saving: StoreApi<SaveState>
}
export interface Desk extends OpenDesk {
  readonly view: FlowView
  readonly problems: Problems
  /** null until the list has come. */
  readonly connections: readonly ConnectionView[] | null
}

export function openDesk(flow: Flow, etag: string, ports: Omit<SavePorts, 'tell'>): OpenDesk {
  const saving = createStore<SaveState>(() => ({ state: 'saved' }))
  const tell = (state: SaveState): void => { saving.setState(state, true) }
  return { store: makeFlowStore(flow), saving, saver: makeSaver({ ...ports, tell }, etag) }
}

export const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new Error('useDesk stands outside a flow screen')
  return desk
}
export function useDeskState<T>(pick: (state: FlowState) => T): T {
  return useStore(useDesk().store.state, pick)
}

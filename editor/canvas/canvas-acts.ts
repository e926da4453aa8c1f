/** What cards and lines ask of the canvas around them. */
import { createContext, useContext } from 'react'
import type { FlowEdge } from '#shared/flow.ts'

/** Where a new step goes: behind a step, into a line, or where it was dropped. */
export type Where =
  | { readonly after: string; readonly at?: { readonly x: number; readonly y: number } }
  | { readonly into: FlowEdge }

export interface CanvasActs { readonly askForStep: (where: Where, button: Element) => void }
export const CanvasActsContext = createContext<CanvasActs>({ askForStep: () => undefined })
export const useCanvasActs = (): CanvasActs => useContext(CanvasActsContext)

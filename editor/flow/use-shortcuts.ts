/** The keys of the flow screen. While someone types into a field, only saving is taken from the field. */
import { useEffect } from 'react'
import { cardOf, focusCard } from '../canvas/flow-canvas.tsx'
import { focusInspector, isInInspector } from '../inspector/inspector.tsx'
import { onlyNode, theseNodes } from '../store/selection.ts'
import type { OpenDesk } from '../store/desk.ts'

export function useShortcuts({ store, saver }: OpenDesk, onCanvas: boolean): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = event.ctrlKey || event.metaKey
      const key = event.key.toLowerCase()
      if (command && key === 's') {
        event.preventDefault()
        void saver.saveNow()
        return
      }
      if (!onCanvas || event.defaultPrevented || !(event.target instanceof Element)) return
      if (key === 'enter' || key === 'escape') {
        betweenCardAndSettings(key, event)
        return
      }
      if (isTyping(event.target) || isInDialog(event.target)) return
      const act = actFor(key, command, event.shiftKey)
      if (act === null) return
      event.preventDefault()
      act()
    }
    /** Enter on a card goes into its settings, Escape there goes back to the card. */
    const betweenCardAndSettings = (key: string, event: KeyboardEvent): void => {
      if (!(event.target instanceof Element) || isInDialog(event.target)) return
      const card = cardOf(event.target)
      const [chosen] = store.state.getState().selection.nodes
      if (key === 'enter' && card !== null && event.target.matches('.react-flow__node')) {
        store.select(onlyNode(card))
        requestAnimationFrame(focusInspector)
      } else if (key === 'escape' && chosen !== undefined && isInInspector(event.target)) focusCard(chosen)
    }
    const actFor = (key: string, command: boolean, shift: boolean): (() => void) | null => {
      if (!command) return key === 'delete' || key === 'backspace' ? store.removeSelected : null
      if (key === 'z') return shift ? store.redo : store.undo
      if (key === 'y') return store.redo
      if (key === 'd') return store.duplicate
      if (key === 'a') return () => { store.select(theseNodes(store.state.getState().flow.nodes.map((node) => node.id))) }
      // Words that someone has marked on the page are copied as words.
      if (key === 'c' && window.getSelection()?.isCollapsed !== false) return store.copy
      if (key === 'x' && window.getSelection()?.isCollapsed !== false) return () => { store.copy(); store.removeSelected() }
      return key === 'v' ? store.paste : null
    }
    window.addEventListener('keydown', onKey)
    return () => { window.removeEventListener('keydown', onKey) }
  }, [store, saver, onCanvas])
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
const isInDialog = (target: Element): boolean => target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null

/** Which mails of a list are chosen: one by one, from one to another with Shift, or all that are shown. */

export interface Choice {
  readonly ids: ReadonlySet<string>
  /** The one touched last: Shift chooses from there. */
  readonly anchor: string
}
export const nothingChosen: Choice = { ids: new Set(), anchor: '' }

/** @param shown all ids of the list in their order */
export function toggle(choice: Choice, id: string, shown: readonly string[], range: boolean): Choice {
  const ids = new Set(choice.ids)
  const on = !ids.has(id)
  const [from, to] = [shown.indexOf(choice.anchor), shown.indexOf(id)]
  const touched = range && from >= 0 && to >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id]
  for (const one of touched) {
    if (on) ids.add(one)
    else ids.delete(one)
  }
  return { ids, anchor: id }
}

/** All that are shown, or none when all are. */
export const toggleShown = (choice: Choice, shown: readonly string[]): Choice =>
  shown.every((id) => choice.ids.has(id)) ? nothingChosen : { ids: new Set(shown), anchor: shown[0] ?? '' }

/** Puts the name of a field into a text where its cursor stands. Pure. */

/** From and to, as an input tells its selection. */
export type Cursor = readonly [from: number, to: number]

/** What is marked is replaced; without a cursor the hole goes to the end. The cursor stands behind it then. */
export function putHole(text: string, path: string, cursor: Cursor | null): { readonly text: string; readonly cursor: Cursor } {
  const [from, to] = cursor ?? [text.length, text.length]
  const hole = `{{${path}}}`
  const behind = Math.min(from, text.length) + hole.length
  return { text: `${text.slice(0, from)}${hole}${text.slice(to)}`, cursor: [behind, behind] }
}

/** What did not go along with a mail, and why: a person should not have to open a step's output to learn of it. */
import { isJsonObject, textOr, type Json } from '#shared/json.ts'
import css from './ui.module.css'

/** More is in the output itself. */
const shown = 10

/** `output` is that of a step that sends (shared/shape.ts sentShape). */
export function LeftOut({ output }: { readonly output: Json }) {
  const { leftOut } = isJsonObject(output) ? output : {}
  const files = Array.isArray(leftOut) ? leftOut.filter((one: Json) => isJsonObject(one)) : []
  if (files.length === 0) return null
  return (
    <ul className={css['leftOut']} aria-label="Left out of the mail">
      {files.slice(0, shown).map((file, at) => <li key={at}>Left out: <bdi>{textOr(file['name'], 'a file')}</bdi>, {textOr(file['reason'], '')}</li>)}
      {files.length > shown && <li>and {files.length - shown} more</li>}
    </ul>
  )
}

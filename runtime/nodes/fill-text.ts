/** Fills the holes in a text of a step's form with what the steps before it left. */
import { fault } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { MailPointer } from '#shared/mailbox-action.ts'
import { runTask } from '#shared/mapping/task.ts'
import { compileTemplate } from '#shared/mapping/template.ts'

type Scope = Readonly<Record<string, Json>>

/** `title` is the field's name on the form. A text that was written and comes out empty is a fault: without it a search would find every mail. */
export async function fillText(text: string, scope: Scope, title: string): Promise<string> {
  const filled = text.includes('{{') ? await render(text, scope, title) : text
  // Names of folders and mails are one line; a line break of a mail's text never gets to a server.
  const line = filled.replace(/\s+/g, ' ').trim()
  if (line === '') throw fault('ACTION_EMPTY', { field: title })
  if (line.length > longest) throw fault('RUN_STEP_FAILED', { reason: `"${title}" comes out longer than ${longest} letters for this mail.` })
  return line
}

/** Above any folder's name and any Message-ID; a server's line must not be a mail's to fill. */
const longest = 1000

async function render(text: string, scope: Scope, title: string): Promise<string> {
  const { problem, render: fill } = compileTemplate(text, { html: false, isHtml: () => false, field: title })
  if (problem) throw fault('RUN_STEP_FAILED', { reason: `The text for "${title}" has an error in line ${problem.line}, column ${problem.column}: ${problem.say}.` })
  return runTask(fill(scope))
}

export async function fillPointer(config: { readonly by: 'uid' | 'message-id'; readonly mail: string }, scope: Scope): Promise<MailPointer> {
  const name = await fillText(config.mail, scope, 'Which mail')
  return config.by === 'uid' ? { uid: name } : { messageId: name.replace(/^<|>$/g, '') }
}

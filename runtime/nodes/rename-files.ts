/** The names under which attachments go along, by the step's pattern; the ending stays, as it says what the file is. */
import { isHtml } from '#shared/mapping/compile.ts'
import { runTask } from '#shared/mapping/task.ts'
import { compileTemplate, type Template } from '#shared/mapping/template.ts'
import { renameSources } from '#shared/sending/attachments.ts'
import type { AttachedBytes } from '../mail/compose/compose-mail.ts'
import { sizeOfRaw } from '../raw.ts'
import type { StepContext } from './behaviour.ts'
import { keepPerStep, sourcesOf } from './per-step.ts'

const compiledOf = keepPerStep<Template>()

/** `shown` says which are pictures inside the text: nobody sees their names. */
export async function renameFiles(pattern: string, files: readonly AttachedBytes[], shown: (file: AttachedBytes) => boolean, { job, node, scope }: StepContext): Promise<readonly AttachedBytes[]> {
  if (pattern.trim() === '' || files.length === 0) return files
  const template = compiledOf(job.flow, node.id, () => {
    const sources = { ...sourcesOf(job.flow), ...renameSources }
    return compileTemplate(pattern, { html: false, isHtml: (path) => isHtml(path, sources), field: 'Name the files' })
  })
  const renamed: AttachedBytes[] = []
  let n = 0
  for (const file of files) {
    if (shown(file)) {
      renamed.push(file)
      continue
    }
    n += 1
    const { name, type, raw } = file
    renamed.push({ ...file, was: name, name: withEnding(await runTask(template.render({ ...scope, attachment: { name, type, size: sizeOfRaw(raw) }, n })), name) })
  }
  return renamed
}

/** What is made safe for file systems is the composer's (safeFileName). */
function withEnding(renamed: string, name: string): string {
  const said = renamed.trim()
  if (said === '') return name
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  return said.toLowerCase().endsWith(ending.toLowerCase()) ? said : `${said}${ending}`
}

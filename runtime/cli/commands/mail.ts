/** `mailweave mail x.eml...`: the canonical mail as JSON, one a line when there are several. */
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { mailOf } from '../files.ts'
import { withComputer } from '../local.ts'
import { jsonText } from '../plain.ts'

export const mail: Command = async (files) => {
  if (files.length === 0) throw fault('API_BAD_REQUEST', { reason: 'Name the mail: mailweave mail x.eml' })
  return withComputer(async ({ computer }) => {
    for (const file of files) {
      const read = await computer.readMail(await mailOf(file), { connection: '', folder: '', uid: '', flags: [], receivedAt: null })
      console.log(jsonText(read, files.length === 1 ? 2 : 0))
    }
    return 0
  })
}

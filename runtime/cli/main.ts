/** The command line: finds the command, reads its options, prints what it says, ends with its exit code. */
import { problemOf } from '#shared/errors.ts'
import { commands, usage } from './commands.ts'
import { oneLine } from './plain.ts'

const [name = 'help', ...rest] = process.argv.slice(2)

try {
  const load = commands[name]
  if (name === 'help' || name === '--help' || name === '-h') {
    console.log(usage)
  } else if (!load) {
    console.error(`There is no command "${name}".\n\n${usage}`)
    process.exitCode = 2
  } else {
    process.exitCode = await (await load())(rest)
  }
} catch (error) {
  const misused = sayMisuse(error)
  console.error(misused ?? oneLine(problemOf(error).say))
  process.exitCode = misused === null ? 1 : 2
}

/** What node:util says of an option that does not exist or lacks its value; null for all else. */
function sayMisuse(error: unknown): string | null {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS') ? `${error.message}\n\n${usage}` : null
}

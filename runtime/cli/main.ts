/** The command line: finds the command, reads its options, prints what it says, ends with its exit code. */
import { problemOf } from '#shared/errors.ts'
import { commands, usage } from './commands.ts'

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
  console.error(problemOf(error).say)
  process.exitCode = 1
}

/** Writes docs/errors.md from the catalogue: node test/write-errors.ts */
import { writeFileSync } from 'node:fs'
import { errors } from '#shared/errors.ts'

const rows = Object.entries(errors).map(([code, { retry, say }]) => `| \`${code}\` | ${retry} | ${say} |`)
writeFileSync('docs/errors.md', `# What can go wrong, and what Mailweave says

\`never\`: the same would happen again. \`later\`: it tries again by itself. \`rescan\`: after reading again. \`person\`: someone must act.

| code | retry | words |
| --- | --- | --- |
${rows.join('\n')}
`)

/** Writes the function table of docs/mapping.md from the catalogue: node test/write-mapping.ts */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { functionGroups, mappingFunctions, type MappingFunction } from '#shared/mapping/functions/index.ts'

const file = 'docs/mapping.md'
const begin = '<!-- functions: written by test/write-mapping.ts -->'
const end = '<!-- /functions -->'

/** The file's text with the table as the catalogue has it now. */
export function makeMappingDocs(text: string): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${file} has lost its marks`)
  return `${text.slice(0, from)}${begin}\n${Object.entries(functionGroups).map(([group, title]) => writeGroup(group, title)).join('\n')}${text.slice(to)}`
}

function writeGroup(group: string, title: string): string {
  const rows = mappingFunctions.filter((spec) => spec.group === group).map(writeRow)
  return `### ${title}\n\n| \`fn\` | settings | what it does | for example |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function writeRow({ name, title, help, params, example }: MappingFunction): string {
  const settings = params.map((param) => `\`${param.name}\`${param.required ? '' : ` = ${code(JSON.stringify(param.default))}`}`).join(', ')
  const step = JSON.stringify({ fn: name, ...example.args })
  return `| \`${name}\` | ${settings} | **${title}.** ${help} | ${code(JSON.stringify(example.value))} through ${code(step)} → ${code(JSON.stringify(example.result))} |`
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(file, makeMappingDocs(readFileSync(file, 'utf8')))

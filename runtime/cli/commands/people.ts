/** `mailweave people [list]|add NAME --may RIGHTS|change NAME --may RIGHTS|remove NAME`. */
import { parseArgs } from 'node:util'
import type { PeopleView, PersonAdded, PersonView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { grants } from '#shared/people.ts'
import type { Command } from '../command.ts'
import { jsonText, oneLine } from '../plain.ts'
import { connectRemote, remoteOptions } from '../remote.ts'

export const people: Command = async (words) => {
  const { values, positionals: [act = 'list', name = ''] } = parseArgs({ args: [...words], options: { ...remoteOptions, may: { type: 'string' } }, allowPositionals: true })
  const wanted = act === 'add' || act === 'change' ? name !== '' && values.may !== undefined : act === 'list' || (act === 'remove' && name !== '')
  if (!wanted) throw fault('API_BAD_REQUEST', { reason: `Say what: mailweave people list, add NAME --may ${grants.join(',')}, change NAME --may …, or remove NAME` })
  const remote = await connectRemote(values)
  const rights = (values.may ?? '').split(',').map((right) => right.trim()).filter((right) => right !== '')
  const place = `/api/people/${encodeURIComponent(name)}`
  switch (act) {
    case 'add': {
      const added = await remote.call<PersonAdded>('POST', '/api/people', { name, rights })
      const link = `${remote.url}/sign-in#${added.token}`
      if (values.json) console.log(jsonText({ ...added, link }))
      else console.log(`${sayPerson(added.person)}\nThe token, shown this once:  ${oneLine(added.token)}\nTo sign in with it, open:     ${oneLine(link)}`)
      break
    }
    case 'change': {
      const changed = await remote.call<PersonView>('PUT', place, { rights })
      console.log(values.json ? jsonText(changed) : sayPerson(changed))
      break
    }
    case 'remove':
      await remote.call('DELETE', place)
      console.log(oneLine(`${name}: removed, signed out everywhere`))
      break
    default: {
      const { people: all } = await remote.call<PeopleView>('GET', '/api/people')
      if (values.json) console.log(jsonText(all))
      else console.log(all.length === 0 ? 'Nobody but the administrator.' : all.map(sayPerson).join('\n'))
    }
  }
  return 0
}

const sayPerson = ({ name, rights }: PersonView): string => oneLine(`${name}  may ${rights.join(', ')}`)

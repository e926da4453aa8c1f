/** Named people: the administrator adds them, says what each may do, and removes them. A token is answered once and never kept. */
import { z } from 'zod'
import type { PeopleNames, PeopleView, PersonAdded, PersonView } from '#shared/api.ts'
import { fault } from '#shared/errors.ts'
import { allGrants, grantsSchema, isSameName, personNameSchema } from '#shared/people.ts'
import { makeInTurn } from '#runtime/in-turn.ts'
import type { Person } from '#runtime/store/people-kept.ts'
import { newToken } from '#runtime/token.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { nothing } from '../inputs.ts'
import type { Live } from '../live.ts'
import { json, type AddRoute } from '../route.ts'
import { hashOfToken } from '../session.ts'

const params = z.strictObject({ name: z.string().max(200) })

export function addPeopleRoutes(route: AddRoute, { store, registry, clock }: ApiDeps, live: Live, audit: Audit): void {
  // Between the look for a name and its writing nobody else may take it.
  const inTurn = makeInTurn()
  const find = async (name: string): Promise<Person> => {
    const person = (await store.people()).find((one) => one.name === name)
    if (!person) throw fault('PERSON_NOT_FOUND', { name })
    return person
  }

  route('GET /api/people', {
    say: 'Lists the named people and what each may do.', answer: 'PeopleView',
    handle: async () => json<PeopleView>({ people: (await store.people()).map(viewOf) }),
  })
  route('POST /api/people', {
    say: 'Adds a person; the token in the answer is shown this once.', answer: 'PersonAdded', body: z.strictObject({ name: personNameSchema, rights: grantsSchema }),
    handle: ({ body: { name, rights }, identity }) => inTurn(async () => {
      const taken = (await store.people()).find((one) => isSameName(one.name, name))
      if (taken) throw fault('PERSON_EXISTS', { name: taken.name }, 'name')
      const token = newToken()
      const person: Person = { name, hash: hashOfToken(token), rights: allGrants(rights), addedAt: clock.now() }
      // What was shared with somebody of this name before is not this person's.
      await registry.unshare(name)
      await store.addPerson(person)
      await audit(identity, 'person.added', `${name}: ${person.rights.join(', ')}`)
      return json<PersonAdded>({ person: viewOf(person), token }, { status: 201 })
    }),
  })
  route('PUT /api/people/:name', {
    say: 'Says what a person may do from now on.', answer: 'PersonView', params, body: z.strictObject({ rights: grantsSchema }),
    handle: ({ params: { name }, body, identity }) => inTurn(async () => {
      const person = { ...await find(name), rights: allGrants(body.rights) }
      await store.changePerson(name, person.rights)
      await audit(identity, 'person.changed', `${name}: ${person.rights.join(', ')}`)
      live.reloadPerson(name)
      return json<PersonView>(viewOf(person))
    }),
  })
  route('DELETE /api/people/:name', {
    say: 'Removes a person: token, sessions and what was shared with them end at once.', answer: '', params, body: nothing,
    handle: ({ params: { name }, identity }) => inTurn(async () => {
      await find(name)
      await store.removePerson(name)
      live.endPerson(name)
      await registry.unshare(name)
      await audit(identity, 'person.removed', name)
      return json(null, { status: 204 })
    }),
  })
  route('GET /api/people/names', {
    say: 'Lists the names a connection can be shared with.', answer: 'PeopleNames',
    handle: async () => json<PeopleNames>({ names: (await store.people()).map(({ name }) => name) }),
  })
}

const viewOf = ({ hash: _, ...person }: Person): PersonView => person

/** The golden route table: a route or a right changes only together with this list and docs/api.md. */
import { expect, test } from 'vitest'
import { routes } from '#shared/api.ts'
import { apiWorld } from '../api/world.ts'
import { read } from './tree.ts'

const golden = `
GET /api/health open
GET /api/ready open
GET /api/openapi.json open
POST /api/session open
DELETE /api/session view
GET /api/me view
GET /api/events view
GET /metrics view
GET /api/connections view
GET /api/connections/:id view
PUT /api/connections/:id secrets
DELETE /api/connections/:id secrets
POST /api/connections/:id/test secrets
POST /api/connections/detect secrets
POST /api/connections/:id/sign-in secrets
GET /api/connections/:id/sign-in secrets
GET /api/oauth/callback open
GET /api/connections/:id/folders edit
GET /api/connections/:id/messages edit
POST /api/connections/:id/messages edit
GET /api/flows view
GET /api/flows/:id view
PUT /api/flows/:id edit
DELETE /api/flows/:id edit
POST /api/flows/:id/check view
POST /api/flows/:id/delivery edit
POST /api/flows/:id/deploy deploy
POST /api/flows/:id/stop deploy
POST /api/flows/:id/held deploy
POST /api/flows/:id/resume deploy
POST /api/flows/:id/try edit
POST /api/flows/:id/start-count edit
GET /api/flows/:id/versions view
GET /api/flows/:id/versions/:version view
GET /api/flows/:id/sample edit
GET /api/runs view
GET /api/runs/:id view
GET /api/runs/:id/mail view
GET /api/runs/:id/raw view
GET /api/runs/:id/attachments/:n view
POST /api/runs/:id/replay deploy
GET /api/mailboxes view
POST /api/mailboxes/look deploy
POST /api/mailboxes/pause deploy
POST /api/mailboxes/resume deploy
POST /api/mailboxes/reconnect deploy
GET /api/senders view
POST /api/senders/:id/try deploy
GET /api/outbox view
GET /api/outbox/:id/raw view
GET /api/outbox/:id/mail view
GET /api/outbox/:id/attachments/:n view
GET /api/outbox/count view
POST /api/outbox/decide deploy
POST /api/outbox/:id/decide deploy
POST /api/outbox/:id/edit deploy
POST /api/keys/rotate secrets
GET /api/people admin
POST /api/people admin
PUT /api/people/:name admin
DELETE /api/people/:name admin
GET /api/people/names secrets
GET /api/sandbox view
POST /api/sandbox/send edit
GET /api/sandbox/mail/:id view
`.trim().split('\n')

test('[SE18] the routes and the rights they need are these and no others', () => {
  expect(Object.entries(routes).map(([route, right]) => `${route} ${right}`)).toEqual(golden)
})

test('[AP35] docs/api.md says of every route what the code says of it', async () => {
  const { body } = await (await apiWorld()).ask('GET', '/api/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, { summary: string }>> }
  const said = Object.entries(routes).map(([route, right]) => {
    const [method = '', address = ''] = route.split(' ')
    return `| \`${route}\` | ${right} | ${paths[address.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.summary ?? ''} |`
  })
  expect([...read('docs/api.md').matchAll(/^\| `[A-Z]+ .+\|$/gm)].map(([line]) => line)).toEqual(said)
})

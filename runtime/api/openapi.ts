/** The API's description in OpenAPI 3.1, made from the route table and the very schemas that check the input. */
import { z } from 'zod'
import { routes, type Route } from '#shared/api.ts'
import { errors } from '#shared/errors.ts'
import { splitRoute, type RouteFacts } from './route.ts'

type Json = Readonly<Record<string, unknown>>

export function describeApi(facts: ReadonlyMap<Route, RouteFacts>, version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [key, fact] of facts) {
    const [method, path] = splitRoute(key)
    const open = path.replace(/:(\w+)/g, '{$1}')
    paths[open] = { ...paths[open], [method]: operation(key, fact) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Mailweave', version, description: 'Draw e-mail flows: receive, map, send. Types of the answers are named as in shared/api.ts.' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: { refused: { description: 'What went wrong, in words for a person.', content: { 'application/json': { schema: { $ref: '#/components/schemas/ApiError' } } } } },
      schemas: { ApiError: apiError },
    },
  }
}

const apiError: Json = {
  type: 'object', required: ['error'],
  properties: { error: {
    type: 'object', required: ['code', 'say', 'where'],
    properties: { code: { enum: Object.keys(errors) }, say: { type: 'string' }, where: { type: 'string', description: 'A node, a field or a folder; empty when it is about the whole.' } },
  } },
}

function operation(key: Route, { say, answer, params, query, body }: RouteFacts): Json {
  const right = routes[key]
  return {
    summary: say,
    'x-right': right,
    security: right === 'open' ? [] : [{ token: [] }],
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body ? { requestBody: { required: !body.safeParse(undefined).success, content: { 'application/json': { schema: schemaOf(body) } } } } : {}),
    responses: { ...success(answer), default: { $ref: '#/components/responses/refused' } },
  }
}

function success(answer: string): Json {
  if (answer === '') return { 204: { description: 'Done.' } }
  return { 200: { description: answer, content: { [answer.includes('/') ? answer : 'application/json']: {} } } }
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Record<string, Json>; required?: readonly string[] } // all params and queries are z.strictObject
  return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema: property }))
}

/** What goes in, before defaults and conversions. */
const schemaOf = (schema: z.ZodType): Json => {
  const { $schema: _, '~standard': __, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

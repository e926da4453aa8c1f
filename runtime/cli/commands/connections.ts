/** `mailweave connections list|put FILE|test ID|login ID|detect ADDRESS`. */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ConnectionsView, SignInStarted, SignInState } from '#shared/api.ts'
import type { ConnectionCheck } from '#shared/connection.ts'
import type { Detected } from '#shared/detected.ts'
import { connectionInputSchema } from '#shared/connection.ts'
import { fault } from '#shared/errors.ts'
import type { Command } from '../command.ts'
import { textOf } from '../files.ts'
import { jsonText, oneLine } from '../plain.ts'
import { connectRemote, remoteOptions, type Remote } from '../remote.ts'

export const connections: Command = async (words) => {
  const { values, positionals: [what = 'list', subject = ''] } = parseArgs({ args: [...words], options: remoteOptions, allowPositionals: true })
  const remote = await connectRemote(values)
  switch (what) {
    case 'list': {
      const { connections: all } = await remote.call<ConnectionsView>('GET', '/api/connections')
      if (values.json) console.log(jsonText(all))
      else for (const one of all) console.log(oneLine(`${one.id}  ${one.kind}  ${one.host}:${one.port}  ${one.security}  ${one.user}`))
      return 0
    }
    case 'put': {
      const input = connectionInputSchema.safeParse(parsed(await textOf(subject), subject))
      if (!input.success) throw fault('API_BAD_REQUEST', { reason: input.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') })
      await remote.call('PUT', `/api/connections/${input.data.id}`, input.data)
      console.log(`${input.data.id}: saved`)
      return 0
    }
    case 'login':
      return logIn(remote, subject)
    case 'test': {
      const result = await remote.call<ConnectionCheck>('POST', `/api/connections/${encodeURIComponent(subject)}/test`, {})
      if (values.json) console.log(jsonText(result))
      else for (const text of sayCheck(result)) console.log(oneLine(text))
      return result.ok ? 0 : 1
    }
    case 'detect': {
      const found = await remote.call<Detected>('POST', '/api/connections/detect', { address: subject })
      if (values.json) console.log(jsonText(found))
      else for (const line of detectedLines(found)) console.log(oneLine(line))
      return found.servers.length > 0 ? 0 : 1
    }
    default:
      throw fault('API_BAD_REQUEST', { reason: 'Say what: mailweave connections list, put FILE, test ID, login ID or detect ADDRESS' })
  }
}

function sayCheck({ lines, certificate }: ConnectionCheck): readonly string[] {
  const told = lines.flatMap(({ step, state, say, fix }) => [`${state.padEnd(7)}  ${step.padEnd(8)}  ${say}`, ...(fix === '' ? [] : [`${' '.repeat(19)}-> ${fix}`])])
  if (certificate === null) return told
  const { subject, issuer, names, validFrom, validUntil, fingerprint } = certificate
  return [...told, `certificate        of ${subject}, by ${issuer}, for ${names.join(', ')}, ${validFrom.slice(0, 10)} to ${validUntil.slice(0, 10)}`, `sha256             ${fingerprint}`]
}

function detectedLines({ provider, servers, notOffered, missed }: Detected): readonly string[] {
  return [
    ...servers.map((one) => `${one.kind}  ${one.host}:${one.port}  ${one.security}  ${one.user}  ${one.sure}, ${one.say}`),
    ...notOffered.map((kind) => `${kind}  not offered`),
    ...(provider && provider.hint !== '' ? [`${provider.name}: ${provider.hint}`] : []),
    ...(servers.length === 0 ? missed.map(({ say }) => say) : []),
  ]
}

/** A person is typing a password elsewhere; a second is soon enough. */
const lookMs = 1000

/** Says where to sign in, and waits until it is done there. */
async function logIn(remote: Remote, id: string): Promise<number> {
  const place = `/api/connections/${encodeURIComponent(id)}/sign-in`
  const started = await remote.call<SignInStarted>('POST', place, {})
  if (started.kind === 'browser') console.log(`Open this page and sign in:\n${oneLine(started.url)}`)
  if (started.kind === 'device') console.log(oneLine(`Open ${started.url} and type the code ${started.code}`))
  for (;;) {
    const { state, say } = await remote.call<SignInState>('GET', place)
    if (state === 'failed') throw fault('API_BAD_REQUEST', { reason: say })
    if (state !== 'waiting') break
    await pause(lookMs)
  }
  console.log(oneLine(`${id}: signed in`))
  return 0
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw fault('API_BAD_REQUEST', { reason: `${file} is not JSON` })
  }
}

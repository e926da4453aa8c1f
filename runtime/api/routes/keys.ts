/** The keys that seal saved passwords. */
import type { KeysRotated } from '#shared/api.ts'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { nothing } from '../inputs.ts'
import { json, type AddRoute } from '../route.ts'

export function addKeyRoutes(route: AddRoute, { registry }: ApiDeps, audit: Audit): void {
  route('POST /api/keys/rotate', {
    say: 'Seals all saved passwords under a fresh key and forgets the old one.', answer: 'KeysRotated', body: nothing,
    handle: async ({ identity }) => {
      const rotated = await registry.rotateKeys()
      await audit(identity, 'keys.rotated', rotated.key)
      return json<KeysRotated>(rotated)
    },
  })
}

/** The words for OAuth2's choices. */
import type { OAuthGrant, OAuthProvider } from '#shared/oauth.ts'

export const providerWords: Record<OAuthProvider, string> = { microsoft: 'Microsoft 365, Outlook', google: 'Google, Gmail', custom: 'Another one' }
export const providerShort: Record<OAuthProvider, string> = { microsoft: ' with Microsoft', google: ' with Google', custom: '' }

export const grantWords: Record<OAuthGrant, { readonly title: string; readonly user: string }> = {
  'authorization-code': { title: 'A person, in this browser', user: 'The mail address that signs in.' },
  'device-code': { title: 'A person, with a code elsewhere', user: 'The mail address that signs in.' },
  'client-credentials': { title: 'The app itself', user: 'The mailbox the app works for.' },
}

/** The app a connection signs in with: provider, way of signing in, and what the provider gave when the app was registered. */
import { PasswordInput, Select, TextInput } from '@mantine/core'
import { grantsOf, oauthProviders, oauthSchema, scopesOf, type OAuth } from '#shared/oauth.ts'
import { Fold } from '../ui/fold.tsx'
import css from './connections.module.css'
import { textField, type FieldsProps } from './form-field.ts'
import { grantWords, providerWords } from './oauth-words.ts'

export function OAuthFields(props: FieldsProps) {
  const { form, saved, readOnly, problems, onChange } = props
  const { oauth } = form
  const change = (part: Partial<OAuth>): void => { onChange({ oauth: { ...oauth, ...part } }) }
  // The form as a whole only knows that something is wrong with the app; here it is told field by field.
  const wrong = problems.oauth === undefined ? {} : wrongIn(oauth)
  const field = (name: 'tenant' | 'clientId' | 'authorizationUrl' | 'tokenUrl' | 'deviceUrl' | 'scopes') => ({
    value: oauth[name], error: wrong[name], readOnly, autoComplete: 'off', spellCheck: false,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => { change({ [name]: event.currentTarget.value }) },
  })
  const custom = oauth.provider === 'custom'
  const scopes = <TextInput label="Permissions asked for" placeholder={custom ? 'mail offline_access' : scopesOf({ ...oauth, scopes: '' }, form.kind)} description={custom ? 'Scopes, separated by spaces.' : 'Scopes, separated by spaces. Empty asks for what mail needs.'} {...field('scopes')} />
  return (
    <>
      <div className={css['twoColumns']}>
        <Select label="Sign in with" value={oauth.provider} readOnly={readOnly} allowDeselect={false} data={oauthProviders.map((provider) => ({ value: provider, label: providerWords[provider] }))}
          onChange={(provider) => { if (provider) change({ provider, grant: grantsOf(provider)[0] ?? oauth.grant }) }} />
        <Select label="Who signs in" value={oauth.grant} readOnly={readOnly} allowDeselect={false} error={wrong.grant} data={grantsOf(oauth.provider).map((grant) => ({ value: grant, label: grantWords[grant].title }))}
          onChange={(grant) => { if (grant) change({ grant }) }} />
      </div>
      <TextInput label="User" placeholder="support@example.org" description={grantWords[oauth.grant].user} autoComplete="off" spellCheck={false} {...textField(props, 'user')} />
      {oauth.provider === 'microsoft' && <TextInput label="Tenant" placeholder={oauth.grant === 'client-credentials' ? 'contoso.onmicrosoft.com' : 'common'} description="Domain or id of your Microsoft directory." {...field('tenant')} />}
      <div className={css['twoColumns']}>
        <TextInput label="App (client) id" {...field('clientId')} />
        <PasswordInput label="Client secret" autoComplete="new-password" placeholder={saved?.hasClientSecret ? 'saved' : oauth.grant === 'client-credentials' ? '' : 'if the app has one'} {...textField(props, 'clientSecret')} />
      </div>
      {oauth.grant === 'authorization-code' && <TextInput label="Redirect address to register with the app" value={backAddress()} readOnly onFocus={(event) => { event.currentTarget.select() }} description="Copy it into the app's settings at the provider." />}
      {custom && oauth.grant === 'authorization-code' && <TextInput label="Authorization address" placeholder="https://id.example.org/authorize" {...field('authorizationUrl')} />}
      {custom && oauth.grant === 'device-code' && <TextInput label="Device code address" placeholder="https://id.example.org/device" {...field('deviceUrl')} />}
      {custom && <TextInput label="Token address" placeholder="https://id.example.org/token" {...field('tokenUrl')} />}
      {custom ? scopes : (
        <Fold title="Scopes" aside={oauth.scopes === '' ? 'as usual' : 'own'} open={oauth.scopes !== ''}><div className={css['foldFields']}>{scopes}</div></Fold>
      )}
    </>
  )
}

function wrongIn(oauth: OAuth): Partial<Record<keyof OAuth, string>> {
  const wrong: Partial<Record<keyof OAuth, string>> = {}
  for (const issue of oauthSchema.safeParse(oauth).error?.issues ?? []) wrong[String(issue.path[0]) as keyof OAuth] ??= issue.message // the schema's fields are these
  return wrong
}

/** As the server makes it of this page's address; providers know this machine as "localhost". */
const backAddress = (): string => (typeof location === 'undefined' ? '' : `${location.origin.replace('//127.0.0.1', '//localhost')}/api/oauth/callback`)

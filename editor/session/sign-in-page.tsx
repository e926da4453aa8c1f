/** Signing in: by the link that `mailweave serve` printed (the token stands behind the #, so no server ever logs it), or typed. */
import { Button, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Mail } from 'lucide-react'
import { useCallback, useEffect, useRef, useState, type FormEvent } from 'react'
import { useLocation } from 'wouter'
import { api, needsSignIn } from '../api/client.ts'
import { keys } from '../api/queries.ts'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './sign-in-page.module.css'

export function SignInPage() {
  const client = useQueryClient()
  const [path, navigate] = useLocation()
  const [token, setToken] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)

  const signIn = useCallback(async (given: string) => {
    setBusy(true)
    setError(null)
    try {
      client.setQueryData(keys.me, await api('POST /api/session', { body: { token: given } }))
      await client.invalidateQueries()
      if (path === '/sign-in') navigate('/', { replace: true })
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }, [client, navigate, path])

  // Once: React runs effects twice while developing, and a token tried twice counts twice against the limit.
  const tried = useRef(false)
  useEffect(() => {
    const given = tokenOf(location.hash)
    if (given === '' || tried.current) return
    tried.current = true
    // Out of the address bar and the history before anything else.
    history.replaceState(null, '', location.pathname + location.search)
    void signIn(given)
  }, [signIn])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() !== '') void signIn(tokenOf(token))
  }
  return (
    <main className={css['page']}>
      <form className={css['card']} onSubmit={submit} aria-busy={busy}>
        <span className={css['logo']} aria-hidden="true"><Mail size={20} /></span>
        <h1>Sign in to Mailweave</h1>
        <p>Open the link that <code>mailweave serve</code> printed when it started, or paste the link or its token here.</p>
        {error !== null && (needsSignIn(error)
          ? <Note tone="bad" title="This token does not fit.">Copy the whole link once more, with all that stands behind the #.</Note>
          : <ErrorNote error={error} />)}
        <PasswordInput label="Link or token" value={token} onChange={(event) => { setToken(event.currentTarget.value) }} autoComplete="current-password" data-autofocus />
        <Button type="submit" loading={busy} fullWidth disabled={token.trim() === ''}>Sign in</Button>
        <p className={css['hint']}>The token is also in the file <code>token</code> of the data folder. It is asked for once a month.</p>
      </form>
    </main>
  )
}

/** The token of a link, of what stands behind its #, or of the token itself. */
export function tokenOf(text: string): string {
  const trimmed = text.trim()
  const hash = trimmed.lastIndexOf('#')
  const part = hash === -1 ? trimmed : trimmed.slice(hash + 1)
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

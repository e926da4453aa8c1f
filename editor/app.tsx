/** The whole editor: who is signed in, the frame around the pages, and which page an address shows. Pages load when first opened. */
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { needsSignIn } from './api/client.ts'
import { startLive } from './api/live.ts'
import { makeQueryClient, useMe } from './api/queries.ts'
import { paths, patterns } from './routes.ts'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { FullPageNote } from './shell/full-page-note.tsx'
import { Shell } from './shell/shell.tsx'
import { texts } from './texts.ts'
import { cssVariables, theme } from './theme.ts'
import { Loading } from './ui/loading.tsx'
import { NoPage } from './ui/no-page.tsx'

const FlowsPage = lazy(async () => ({ default: (await import('./flows/flows-page.tsx')).FlowsPage }))
const FlowPage = lazy(async () => ({ default: (await import('./flow/flow-page.tsx')).FlowPage }))
const RunsPage = lazy(async () => ({ default: (await import('./runs/runs-page.tsx')).RunsPage }))
const MailboxesPage = lazy(async () => ({ default: (await import('./mailboxes/mailboxes-page.tsx')).MailboxesPage }))
const OutboxPage = lazy(async () => ({ default: (await import('./outbox/outbox-page.tsx')).OutboxPage }))
const ConnectionsPage = lazy(async () => ({ default: (await import('./connections/connections-page.tsx')).ConnectionsPage }))
const PeoplePage = lazy(async () => ({ default: (await import('./people/people-page.tsx')).PeoplePage }))
const SandboxPage = lazy(async () => ({ default: (await import('./sandbox/sandbox-panel.tsx')).SandboxPage }))
const SignInPage = lazy(async () => ({ default: (await import('./session/sign-in-page.tsx')).SignInPage }))

export function App() {
  const [client] = useState(makeQueryClient)
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ErrorBoundary>
          <Suspense fallback={null}><Gate /></Suspense>
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  )
}

function Gate() {
  const me = useMe()
  const [location] = useLocation()
  // The link that `serve` prints carries a fresh token, so it is taken even while an old session still holds.
  if (location === paths.signIn || needsSignIn(me.error)) return <SignInPage />
  if (me.data !== undefined) return <SignedIn sandbox={me.data.sandbox} admin={me.data.rights.includes('admin')} version={me.data.version} />
  if (me.error !== null) return <FullPageNote title={texts.failed.away} error={me.error} onRetry={() => { void me.refetch() }} />
  return <Loading what={texts.product} rows={0} />
}

function SignedIn({ sandbox, admin, version }: { readonly sandbox: boolean; readonly admin: boolean; readonly version: string }) {
  const client = useQueryClient()
  const [location] = useLocation()
  useEffect(() => startLive(client), [client])
  return (
    <Shell sandbox={sandbox} admin={admin} version={version}>
      <ErrorBoundary key={location.split('/')[1]}>
        <Suspense fallback={<Loading what={texts.product} />}>
          <Switch>
            <Route path="/"><Redirect to={paths.flows} replace /></Route>
            <Route path={paths.flows} component={FlowsPage} />
            <Route path={patterns.flow}>{({ id, tab }) => <FlowPage key={id} id={id} tab={tab ?? ''} />}</Route>
            <Route path={patterns.run}><RunsPage /></Route>
            <Route path={paths.mailboxes}><MailboxesPage /></Route>
            <Route path={paths.outbox}><OutboxPage /></Route>
            <Route path={paths.connections}><ConnectionsPage /></Route>
            {admin && <Route path={paths.people}><PeoplePage /></Route>}
            {sandbox && <Route path={paths.sandbox}><SandboxPage /></Route>}
            <Route><NoPage /></Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  )
}

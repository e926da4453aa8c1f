/** The frame around every page: the navigation with its counts on the left, the page on the right. */
import { useQueryClient } from '@tanstack/react-query'
import { FlaskConical, History, Inbox, LogOut, Mail, Menu as MenuIcon, Plug, Send, Users, Workflow, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { api } from '../api/client.ts'
import { keys, useFlows, useMailboxes, useOutbox } from '../api/queries.ts'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { SchemeSwitch } from './scheme-switch.tsx'
import css from './shell.module.css'

export function Shell({ sandbox, admin, version, children }: { readonly sandbox: boolean; readonly admin: boolean; readonly version: string; readonly children: ReactNode }) {
  const [location] = useLocation()
  // Open at one address: following a link closes it.
  const [openAt, setOpenAt] = useState<string | null>(null)
  const open = openAt === location
  const client = useQueryClient()
  const flows = useFlows().data?.flows.length
  const mailboxes = useMailboxes().data?.mailboxes
  const outbox = useOutbox().data?.pages[0]?.counts
  const stuck = (outbox?.['unknown'] ?? 0) + (outbox?.['refused'] ?? 0)
  const waiting = (outbox?.['ready'] ?? 0) + (outbox?.['sending'] ?? 0) + (outbox?.['deferred'] ?? 0)
  const troubled = mailboxes?.filter((one) => one.health === 'needs-attention' || one.health === 'deaf').length ?? 0
  const signOut = async (): Promise<void> => {
    await api('DELETE /api/session')
    await client.invalidateQueries({ queryKey: keys.me })
  }
  const entry = { location }
  return (
    <div className={css['frame']}>
      <a className={css['skip']} href="#page">{texts.nav.skip}</a>
      <button type="button" className={css['menuButton']} aria-label={texts.nav.open} aria-expanded={open} onClick={() => { setOpenAt(open ? null : location) }}><MenuIcon size={18} /></button>
      <nav className={css['nav']} aria-label={texts.nav.label} data-open={open || undefined}>
        <Link to={paths.flows} className={css['brand'] ?? ''}><b><Mail size={15} aria-hidden="true" /></b>{texts.product}</Link>
        <NavLink {...entry} to={paths.flows} icon={Workflow} title={texts.nav.flows} count={flows} />
        <NavLink {...entry} to={paths.runs} icon={History} title={texts.nav.runs} />
        <NavLink {...entry} to={paths.mailboxes} icon={Inbox} title={texts.nav.mailboxes} count={troubled > 0 ? troubled : mailboxes?.length} bad={troubled > 0} />
        <NavLink {...entry} to={paths.outbox} icon={Send} title={texts.nav.outbox} count={stuck > 0 ? stuck : waiting || undefined} bad={stuck > 0}
          hint={stuck > 0 ? texts.nav.outboxBad(stuck) : texts.nav.outboxWaiting(waiting)} />
        <NavLink {...entry} to={paths.connections} icon={Plug} title={texts.nav.connections} />
        {admin && <NavLink {...entry} to={paths.people} icon={Users} title={texts.nav.people} />}
        {sandbox && <NavLink {...entry} to={paths.sandbox} icon={FlaskConical} title={texts.nav.sandbox} />}
        <div className={css['foot']}>
          <SchemeSwitch />
          <button type="button" className={css['entry']} onClick={() => { void signOut() }}><LogOut size={16} aria-hidden="true" />{texts.nav.signOut}</button>
          <small>{texts.nav.version(version)}</small>
        </div>
      </nav>
      <main id="page" className={css['page']} tabIndex={-1}>{children}</main>
    </div>
  )
}

interface NavLinkProps {
  readonly location: string
  readonly to: string
  readonly icon: LucideIcon
  readonly title: string
  readonly count?: number | undefined
  readonly bad?: boolean
  readonly hint?: string
}
function NavLink({ location, to, icon: Icon, title, count, bad = false, hint }: NavLinkProps) {
  const on = location === to || location.startsWith(`${to}/`)
  return (
    <Link to={to} className={css['entry'] ?? ''} aria-current={on ? 'page' : undefined}>
      <Icon size={16} aria-hidden="true" />
      {title}
      {count !== undefined && <em data-bad={bad || undefined} title={hint} className="tabular">{count}</em>}
    </Link>
  )
}

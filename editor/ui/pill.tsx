/** A state in a word or two, with its colour. The colour never stands alone: the word says the same. */
import type { ReactNode } from 'react'
import css from './ui.module.css'

export type Tone = 'ok' | 'warn' | 'bad' | 'accent' | 'quiet'

export function Pill({ tone, children, dot = true, title }: { readonly tone: Tone; readonly children: ReactNode; readonly dot?: boolean; readonly title?: string }) {
  return <span className={css['pill']} data-tone={tone} data-dot={dot || undefined} title={title}>{children}</span>
}

/** The same state where there is only room for a dot and plain words. */
export function Dot({ tone, pulse = false }: { readonly tone: Tone; readonly pulse?: boolean }) {
  return <span className={css['dot']} data-tone={tone} data-pulse={pulse || undefined} aria-hidden="true" />
}

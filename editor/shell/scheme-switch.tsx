/** Light, dark, or whatever the system says; one button that goes round. */
import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { Moon, Sun, SunMoon } from 'lucide-react'
import { texts } from '../texts.ts'
import css from './shell.module.css'

const order: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' }
const icons = { auto: SunMoon, light: Sun, dark: Moon } satisfies Record<MantineColorScheme, unknown>

export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = icons[colorScheme]
  return (
    <button type="button" className={css['entry']} aria-label={texts.scheme.label(texts.scheme[colorScheme])} onClick={() => { setColorScheme(order[colorScheme]) }}>
      <Icon size={16} aria-hidden="true" />
      {texts.scheme[colorScheme]}
    </button>
  )
}

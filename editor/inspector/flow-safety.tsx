/** What the whole flow may send: test mode, who may be written to, how much, and the first look. What is typed wrong is said and not taken over. */
import { Input, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { defaultSending, type SendingSettings, sendingSchema } from '#shared/sending/safety.ts'
import { useMay } from '../api/use-may.ts'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import { Fold } from '../ui/fold.tsx'
import css from './inspector.module.css'

type Key = keyof SendingSettings
const words = texts.safety
const budgets = ['perHour', 'strangersPerHour', 'perStrangerHour', 'perStrangerDay'] as const

export function FlowSafety() {
  const sending = useDeskState((state) => state.flow.sending)
  return (
    <Fold title={words.title} aside={words.summary(sending ?? {})}>
      <div className={css['safety']}>
        <Setting name="testTo" hint={words.testToSay} placeholder="me@example.org" read={(text) => text.trim()} write={(value) => (typeof value === 'string' ? value : '')} />
        <Setting name="allow" hint={words.allowSay} placeholder={'@example.org\n@*.example.org'} lines read={(text) => text.split(/[\s,;]+/).filter((line) => line !== '')} write={(value) => (Array.isArray(value) ? value.join('\n') : '')} />
        <Setting name="approveFirst" hint={words.approveFirstSay} number />
        <Input.Wrapper label={words.budgets} description={words.budgetsSay}>
          <div className={css['budgets']}>{budgets.map((name) => <Setting key={name} name={name} number />)}</div>
        </Input.Wrapper>
      </div>
    </Fold>
  )
}

interface SettingProps {
  readonly name: Key
  readonly hint?: string
  readonly placeholder?: string
  readonly lines?: boolean
  readonly number?: boolean
  readonly read?: (text: string) => unknown
  readonly write?: (value: unknown) => string
}
function Setting({ name, hint, placeholder, lines = false, number = false, read = Number, write = (value) => (typeof value === 'number' ? String(value) : '') }: SettingProps) {
  const { store } = useDesk()
  const flow = useDeskState((state) => state.flow)
  const may = useMay('edit')
  const saved = write(flow.sending?.[name])
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? saved
  const value = text.trim() === '' ? undefined : read(text)
  const problem = value === undefined ? undefined : sendingSchema.shape[name].safeParse(value).error?.issues[0]
  const takeOver = (): void => {
    if (typed === null || problem) return
    setTyped(null)
    if (typed === saved) return
    const { [name]: _, ...others } = flow.sending ?? {}
    // Its own schema has just passed the value.
    const sending = { ...others, ...(value === undefined ? {} : { [name]: value }) } as SendingSettings
    const { sending: __, ...rest } = flow
    store.replace(Object.keys(sending).length === 0 ? rest : { ...rest, sending }, texts.undo.setting(words.titles[name]))
  }
  const shared = {
    label: words.titles[name], value: text, disabled: may.disabled ?? false, spellCheck: false, autoComplete: 'off',
    placeholder: placeholder ?? (number ? words.usual(Number(defaultSending[name])) : ''), onBlur: takeOver,
    error: problem ? (number ? words.badNumber : problem.message) : undefined, ...(hint === undefined ? {} : { description: hint }),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  }
  if (lines) return <Textarea {...shared} autosize minRows={2} maxRows={8} onChange={(event) => { setTyped(event.currentTarget.value) }} />
  return <TextInput {...shared} {...(number ? { inputMode: 'numeric' as const } : {})} onChange={(event) => { setTyped(event.currentTarget.value) }} onKeyDown={(event) => { if (event.key === 'Enter') takeOver() }} />
}

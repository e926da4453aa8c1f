/** What every part of the connection form is given, and how one of its text fields is bound. */
import type { ConnectionView } from '#shared/api.ts'
import type { ConnectionForm } from './draft.ts'

export interface FieldsProps {
  readonly form: ConnectionForm
  /** null while a new one is made. */
  readonly saved: ConnectionView | null
  /** Opened because the login does not work any more. */
  readonly atLogin?: boolean
  readonly readOnly: boolean
  readonly problems: Readonly<Partial<Record<keyof ConnectionForm, string>>>
  readonly onChange: (change: Partial<ConnectionForm>) => void
}

type TextName = { [K in keyof ConnectionForm]: ConnectionForm[K] extends string ? (string extends ConnectionForm[K] ? K : never) : never }[keyof ConnectionForm]

/** Spread into a TextInput, PasswordInput or Textarea. */
export const textField = ({ form, readOnly, problems, onChange }: FieldsProps, field: TextName) => ({
  value: form[field], error: problems[field], readOnly,
  onChange: (event: { readonly currentTarget: { readonly value: string } }) => { onChange({ [field]: event.currentTarget.value }) },
})

/** A search in a mailbox as a small form; what is left empty asks for nothing. */
import { Checkbox, Input, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { mailSearchSchema, saySearch, type MailSearch } from '#shared/mail-search.ts'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import { texts } from '#editor/texts.ts'
import { Fold } from '#editor/ui/fold.tsx'
import { InsertHole } from './insert-hole.tsx'
import { SearchPreview } from './search-preview.tsx'
import { UnitInput } from './unit-input.tsx'
import { line, numberOf, textOf, type WidgetProps } from './widget.ts'
import css from './widgets.module.css'

const words = texts.field.search
const whenChoices = [{ value: 'any', label: words.anyTime }, { value: 'days', label: words.lastDays }, { value: 'since', label: words.sinceDay }]

export function SearchWidget(props: WidgetProps) {
  const { field, value, error } = props
  // A search that may be left out stands folded, with its sense beside it.
  if (field.fallback !== undefined) return <SearchForm {...props} />
  const said = mailSearchSchema.safeParse(value ?? {})
  return (
    <Fold title={field.meta.title} aside={said.success ? saySearch(said.data) : words.unfinished} open={error !== ''}>
      <SearchForm {...props} bare />
    </Fold>
  )
}

function SearchForm({ field, node, value, config, onChange: keep, error, bare = false }: WidgetProps & { readonly bare?: boolean }) {
  // An empty one leaves the file.
  const onChange = (next: JsonObject): void => { keep(Object.keys(next).length === 0 ? undefined : next) }
  // As typed, so that a search that is not finished is not lost.
  const search: JsonObject = isJsonObject(value) ? value : {}
  const put = (key: keyof MailSearch, next: Json | undefined): void => {
    const { [key]: _, ...others } = search
    onChange(next === undefined ? others : inOrder({ ...others, [key]: next }))
  }
  const holes = field.meta.template === true
  const header = isJsonObject(search['header']) ? search['header'] : {}
  // The trigger's own switch stands above.
  const asked = field.meta.without?.includes('unseen') === true && config['unseenOnly'] !== false ? { ...search, unseen: true } : search
  const rare = (['keyword', 'largerThanKb', 'header'] as const).some((key) => search[key] !== undefined)
  const text = (key: 'from' | 'to' | 'subject', label: string) => (
    <InsertHole node={node} title={label} text={textOf(search[key])} on={holes} onChange={(next) => { put(key, next) }}>
      <TextInput label={label} value={textOf(search[key])} dir="auto" placeholder={words.anything} onChange={(event) => { put(key, orNothing(event.currentTarget.value)) }} />
    </InsertHole>
  )
  return (
    <fieldset className={css['fieldset']} aria-label={bare ? field.meta.title : undefined}>
      {!bare && <legend>{field.meta.title}</legend>}
      <div className={css['group']}>
        <div className={css['ticks']}>
          {field.meta.without?.includes('unseen') !== true && <Checkbox size="xs" label={words.unseen} checked={search['unseen'] === true} onChange={(event) => { put('unseen', event.currentTarget.checked || undefined) }} />}
          <Checkbox size="xs" label={words.flagged} checked={search['flagged'] === true} onChange={(event) => { put('flagged', event.currentTarget.checked || undefined) }} />
        </div>
        {text('from', words.from)}
        {text('subject', words.subject)}
        {text('to', words.to)}
        <When search={search} onChange={onChange} />
        <Fold title={words.more} open={rare}>
          <div className={css['group']}>
            <TextInput label={words.keyword} value={textOf(search['keyword'])} spellCheck={false} onChange={(event) => { put('keyword', orNothing(event.currentTarget.value)) }} />
            <UnitInput label={words.larger} value={numberOf(search['largerThanKb'])} units={[{ value: 'kb', label: 'KB' }]} unit="kb" unitLabel="" onChange={(kb) => { put('largerThanKb', kb > 0 ? kb : undefined) }} />
            <div className={css['pair']}>
              <TextInput label={words.header} placeholder="X-Priority" value={textOf(header['name'])} spellCheck={false}
                onChange={(event) => { const name = event.currentTarget.value; put('header', name === '' ? undefined : { name, value: textOf(header['value']) }) }} />
              <TextInput label={words.headerHas} placeholder={words.anything} value={textOf(header['value'])} disabled={textOf(header['name']) === ''}
                onChange={(event) => { put('header', { name: textOf(header['name']), value: event.currentTarget.value }) }} />
            </div>
          </div>
        </Fold>
        <SearchPreview connection={textOf(config['connection'])} folder={textOf(config['folder']) || 'INBOX'} search={asked} />
        {bare && <p className={css['note']}>{words.since}</p>}
      </div>
      {line(error) !== undefined && <Input.Error>{error}</Input.Error>}
    </fieldset>
  )
}

/** When the mail was received: whenever, in the last days, or since a day. One of the two is in the file. */
function When({ search, onChange }: { readonly search: JsonObject; readonly onChange: (search: JsonObject) => void }) {
  const { since, withinDays, ...others } = search
  const [asked, setAsked] = useState<string | null>(null)
  const choice = withinDays !== undefined ? 'days' : since !== undefined ? 'since' : asked ?? 'any'
  return (
    <div className={css['pair']}>
      <Select label={words.received} value={choice} data={whenChoices} onChange={(next) => {
        setAsked(next)
        onChange(next === 'days' ? inOrder({ ...others, withinDays: 7 }) : others)
      }} />
      {choice === 'days' && <UnitInput label={words.days} value={numberOf(withinDays)} units={[{ value: 'd', label: words.daysUnit }]} unit="d" unitLabel="" onChange={(days) => { onChange(inOrder({ ...others, withinDays: days })) }} />}
      {choice === 'since' && <TextInput type="date" label={texts.field.since} value={textOf(since)} onChange={(event) => {
        const day = event.currentTarget.value
        onChange(day === '' ? others : inOrder({ ...others, since: day }))
      }} />}
    </div>
  )
}

/** In the order of the form, so that the same search is the same file. */
const inOrder = (search: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(mailSearchSchema.shape).flatMap((key) => { const value = search[key]; return value === undefined ? [] : [[key, value] as const] }))
const orNothing = (typed: string): string | undefined => (typed === '' ? undefined : typed)

/** Any JSON value as readable lines: addresses as addresses, long texts cut, lists folded; never a wall of braces. */
import { useState } from 'react'
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts'
import { saySize } from './formats.ts'
import { Fold } from './fold.tsx'
import css from './value-view.module.css'

/** Beyond these a value says how much more there is; a mail can hold 10,000 addresses. */
const shownEntries = 40
const shownCharacters = 300
const deepest = 8

export function ValueView({ value, depth = 0 }: { readonly value: Json; readonly depth?: number }) {
  if (Array.isArray(value)) return <List items={value} depth={depth} />
  if (!isJsonObject(value)) return <Leaf value={value} />
  const line = sayOneLine(value)
  if (line !== null) return <bdi className={css['leaf']}>{line}</bdi>
  return <Fields value={value} depth={depth} />
}

function Fields({ value, depth }: { readonly value: JsonObject; readonly depth: number }) {
  const entries = Object.entries(value)
  const full = entries.filter(([, inner]) => !isEmpty(inner))
  const empty = entries.filter(([, inner]) => isEmpty(inner)).map(([name]) => name)
  if (entries.length === 0) return <span className={css['quiet']}>nothing</span>
  if (depth >= deepest) return <span className={css['quiet']}>{entries.length} more fields inside</span>
  return (
    <dl className={css['fields']}>
      {full.slice(0, shownEntries).map(([name, inner]) => (
        <div key={name}><dt title={name}>{name}</dt><dd><ValueView value={inner} depth={depth + 1} /></dd></div>
      ))}
      {full.length > shownEntries && <p className={css['quiet']}>and {full.length - shownEntries} more fields</p>}
      {empty.length > 0 && <p className={css['quiet']}>Empty: {empty.slice(0, shownEntries).join(', ')}</p>}
    </dl>
  )
}

function List({ items, depth }: { readonly items: readonly Json[]; readonly depth: number }) {
  if (items.length === 0) return <span className={css['quiet']}>empty list</span>
  const [only] = items
  if (items.length === 1 && only !== undefined) return <ValueView value={only} depth={depth + 1} />
  const lines = items.map((item) => (isJsonObject(item) ? sayOneLine(item) : Array.isArray(item) ? null : sayLeaf(item)))
  if (items.length <= 4 && lines.every((line) => line !== null && line.length < 120)) {
    return <ul className={css['lines']}>{lines.map((line, index) => <li key={index}><bdi>{line}</bdi></li>)}</ul>
  }
  return (
    <Fold title={`${items.length} entries`}>
      <ol className={css['items']}>
        {items.slice(0, shownEntries).map((item, index) => <li key={index}><ValueView value={item} depth={depth + 1} /></li>)}
      </ol>
      {items.length > shownEntries && <p className={css['quiet']}>and {items.length - shownEntries} more</p>}
    </Fold>
  )
}

function Leaf({ value }: { readonly value: Json }) {
  const [whole, setWhole] = useState(false)
  if (isEmpty(value)) return <span className={css['quiet']}>empty</span>
  const text = sayLeaf(value)
  const long = text.length > shownCharacters
  return (
    <span className={css['leaf']} dir="auto">
      {long && !whole ? `${text.slice(0, shownCharacters)}…` : text}
      {long && <button type="button" className={css['more']} aria-expanded={whole} onClick={() => { setWhole(!whole) }}>{whole ? 'less' : `all ${text.length.toLocaleString('en-GB')} characters`}</button>}
    </span>
  )
}

const isEmpty = (value: Json): boolean => value === null || value === '' || (Array.isArray(value) && value.length === 0)
const sayLeaf = (value: Json): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Addresses, attachments and headers in one line; null for anything else. */
function sayOneLine(value: JsonObject): string | null {
  const { name, address, size, type, value: inner } = value
  const keys = Object.keys(value).length
  if (typeof address === 'string') return typeof name === 'string' && name !== '' ? `${name} <${address}>` : address || (typeof name === 'string' ? name : '')
  if (typeof name === 'string' && typeof size === 'number' && typeof type === 'string') return `${name}, ${saySize(size)}`
  return keys === 2 && typeof name === 'string' && typeof inner === 'string' ? `${name}: ${inner}` : null
}

/** Any value in one short line, for tables and pickers. */
export function sayShort(value: Json | undefined, most = 120): string {
  if (value === undefined || isEmpty(value)) return ''
  const text = Array.isArray(value)
    ? value.slice(0, 5).map((item) => sayShort(item, most)).join(', ') + (value.length > 5 ? ', …' : '')
    : isJsonObject(value) ? sayOneLine(value) ?? Object.entries(value).slice(0, 4).map(([name, inner]) => `${name}: ${sayShort(inner, 40)}`).join(', ') : sayLeaf(value)
  const flat = text.slice(0, most * 2).replace(/\s+/g, ' ').trim()
  return flat.length > most ? `${flat.slice(0, most - 1)}…` : flat
}

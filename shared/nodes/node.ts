/**
 * What a node kind is, for everyone: its config schema (from which the form is made), its ports, the shape it leaves
 * behind, and the words on its card. Behaviour stands in runtime/nodes, the form in editor/nodes, under the same name.
 */
import type { z } from 'zod'
import type { ConnectionKind } from '../connection.ts'
import type { Json, JsonObject } from '../json.ts'
import type { NodeKind } from '../flow.ts'
import type { Shape } from '../shape.ts'

/** mailbox: works in a mailbox in the middle of a run; the run waits for the answer (docs/decisions/actions-in-a-run.md). */
export type NodeFamily = 'receive' | 'map' | 'send' | 'mailbox' | 'logic'

/** What `.meta()` on a config field tells the form; zod's own `title` and `description` are label and help. */
export type FieldWidget =
  | 'text' | 'textarea' | 'switch' | 'number' | 'select' | 'duration' | 'connection' | 'folder' | 'addresses' | 'after' | 'start-from' | 'max-emails' | 'rows' | 'retry' | 'probe' | 'choices' | 'headers' | 'mailbox-list' | 'schedule' | 'search' | 'mail-of' | 'delay' | 'quiet' | 'limits'
export interface FieldMeta {
  readonly title: string
  readonly description?: string
  readonly widget: FieldWidget
  readonly placeholder?: string
  /** widgets select and choices */
  readonly options?: readonly { readonly value: string; readonly label: string; readonly help?: string }[]
  /** widgets connection and mailbox-list: which kinds may be picked */
  readonly connectionKinds?: readonly string[]
  /** Widget addresses: takes a single one. */
  readonly one?: boolean
  /** The text may have holes for fields of earlier steps, `{{receive.subject}}`; of a search, its texts. */
  readonly template?: boolean
  /** What its holes may name beside the steps in front. */
  readonly holes?: () => Readonly<Record<string, Shape>>
  /** Fields that most people never touch stand folded: under the heading of their `group`, else under "More". */
  readonly advanced?: boolean
  /** The concern whose settings stand together under this heading, folded; the heading says in a line what is set there. */
  readonly group?: string
  /** What that line says of a value of this field; without it the form finds words by the widget. */
  readonly sayValue?: (value: Json) => string
  /** Of a search: what another setting of the step asks already. */
  readonly without?: readonly string[]
  /** Asks for what a POP3 mailbox does not have (folders, marks): not shown beside one. */
  readonly imapOnly?: boolean
  /** Shown only while another field of the same config has one of these values; '' stands for none. */
  readonly onlyWhen?: { readonly field: string; readonly is: readonly string[] }
}

export interface NodeCard {
  readonly subtitle: string
  readonly lines: readonly { readonly label: string; readonly value: string }[]
}

export interface NodeDescription<Kind extends NodeKind = NodeKind, Config extends z.ZodObject = z.ZodObject> {
  readonly kind: Kind
  readonly family: NodeFamily
  readonly title: string
  readonly help: string
  readonly config: Config
  readonly ports: { readonly in: boolean; readonly out: boolean }
  /** Starts runs. */
  readonly trigger: boolean
  /** Does something outside (so a flow without one does nothing). */
  readonly effect: boolean
  /** What later nodes may map from. */
  readonly output: Shape
  /** What this node takes from the node before it; the targets of a mapping in front. */
  readonly input: Shape | null
  /** The card's words, from a draft config that may still be unfinished, and the kind of its connection where it is known. */
  readonly card: (config: JsonObject, connection?: ConnectionKind) => NodeCard
}

/** Type helper that keeps the exact config schema. */
export const describeNode = <Kind extends NodeKind, Config extends z.ZodObject>(
  description: NodeDescription<Kind, Config>,
): NodeDescription<Kind, Config> => description

/** Plain holes as a card names fields: `Senders/{{receive.from.domain}}` is read as `Senders/{from.domain}`. */
export const sayHoles = (text: string): string => text.replace(/\{\{\s*[\w-]+\.([\w.-]+)\s*\}\}/g, '{$1}')

/** Config fields with their form facts, in schema order. */
export const field = <T extends z.ZodType>(schema: T, meta: FieldMeta): T => schema.meta({ ...meta })

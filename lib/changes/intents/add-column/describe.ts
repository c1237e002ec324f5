import { existingFiles } from '../existing-files'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** A new column of the table, or of a struct in it. */
export type AddColumn = {
  kind: 'add-column'
  /** The struct that it is in: also an element or a value that is a struct. Null: the table. */
  parentId: number | null
  /** The path of the struct, as the person saw it. */
  parent: readonly string[]
  name: string
  /**
   * As in a schema: the name of a primitive type, or the JSON text of another one. The ids within are assigned when it is
   * committed.
   */
  type: string
  required: boolean
  doc: string | null
  /** The value of rows written before, and of those written without one: JSON text as in a schema. */
  initialDefault: string | null
  writeDefault: string | null
  /** The sibling that it follows, by id, or by name when the same commit adds it; null: it is first. */
  after: number | string | null
}

export const addColumnDescription: IntentDescription<AddColumn> = {
  area: 'schema',
  target: ({ parentId, name }) => ['new column', ...(parentId === null ? [] : [parentId]), name].join(' '),
  sign: () => '+',
  withName: (intent, name) => ({ ...intent, name }),
  describe: ({ parent, name, type, required, initialDefault, writeDefault }) => [
    'Add the column',
    { name: columnLabel([...parent, name]) },
    `(${columnTypeLabel(type)}${required ? ', required' : ''})`,
    ...describeDefaults(initialDefault, writeDefault),
  ],
  effects: ({ initialDefault, required }, figures) =>
    initialDefault !== null
      ? `${existingFiles(figures)} stay as they are; their rows read the initial default.`
      : required
        ? 'Every row written from now on needs a value.'
        : `${existingFiles(figures)} stay as they are; their rows read null.`,
}

/** The values of existing rows, and of rows that writers leave without a value. */
function describeDefaults(initialDefault: string | null, writeDefault: string | null) {
  if (initialDefault === writeDefault)
    return initialDefault === null ? [] : ['with the default', { value: initialDefault }]
  return [
    ...(initialDefault === null ? [] : ['with the initial default', { value: initialDefault }]),
    ...(writeDefault === null ? [] : ['with the write default', { value: writeDefault }]),
  ]
}

/** `struct`, `list` and `map` for the JSON text of such a type. */
function columnTypeLabel(type: string): string {
  return /^\s*\{[^]*?"type"\s*:\s*"(struct|list|map)"/.exec(type)?.[1] ?? type
}

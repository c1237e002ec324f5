'use client'
import { useState } from 'react'

/** A row of the form. `base` is null for a property that is new; `value` is null for one that is removed. */
export type EditedProperty = { id: string; name: string; base: string | null; value: string | null }
export type PropertyEditsModel = ReturnType<typeof usePropertyEdits>

/** Typed values by row, with the base that was shown at the time. */
type Edits = Readonly<Record<string, Pick<EditedProperty, 'name' | 'value'> & { base?: string | null }>>

const NEW_ROW = /^new \d+$/

/**
 * Edits of properties that are saved together.
 *
 * @param problemOf why a property cannot have a value, as a sentence
 */
export function usePropertyEdits(
  properties: Readonly<Record<string, string>>,
  problemOf: (name: string, value: string) => string | null,
) {
  const [edits, setEdits] = useState<Edits>({})
  const [addedCount, setAddedCount] = useState(0)
  const rows = toRows(properties, edits)
  const change = ({ id, name, base, value }: EditedProperty, edit: Partial<Pick<EditedProperty, 'name' | 'value'>>) =>
    setEdits({ ...edits, [id]: { name, base, value, ...edit } })
  const changes = rows.flatMap(({ base, value, name }) =>
    value !== base && name.trim() !== '' ? [{ name: name.trim(), base, value }] : [],
  )
  const problems = new Map(rows.map((row) => [row.id, rowProblem(row, rows, problemOf)]))
  return {
    rows,
    changes,
    problems,
    isValid: [...problems.values()].every((problem) => problem === null),
    change,
    add: () => {
      setEdits({ ...edits, [`new ${addedCount}`]: { name: '', value: '' } })
      setAddedCount(addedCount + 1)
    },
    remove: (row: EditedProperty) => {
      if (row.base !== null) return change(row, { value: null })
      const { [row.id]: _removed, ...others } = edits
      return setEdits(others)
    },
    /** After a conflict, which shows the current values, the same edits apply to these. */
    rebase: () =>
      setEdits(Object.fromEntries(Object.entries(edits).map(([id, { name, value }]) => [id, { name, value }]))),
  }
}

function toRows(properties: Readonly<Record<string, string>>, edits: Edits): EditedProperty[] {
  const known = Object.entries(properties).map(([name, base]) => {
    const id = `set ${name}`
    return { id, name, base, value: base, ...edits[id] }
  })
  const added = Object.entries(edits).filter(([id]) => NEW_ROW.test(id))
  return [...known, ...added.map(([id, edit]) => ({ ...edit, id, base: null }))]
}

function rowProblem(
  { id, name, base, value }: EditedProperty,
  rows: readonly EditedProperty[],
  problemOf: (name: string, value: string) => string | null,
): string | null {
  const key = name.trim()
  if (base !== null && (value === base || value === null)) return null
  if (key !== '' && rows.some((other) => other.id !== id && other.name.trim() === key))
    return `${key} is already there.`
  return key === '' ? null : problemOf(key, value ?? '')
}

import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RenamedColumn } from '../engine'

/**
 * Gives every column a name that DuckDB can distinguish: it ignores case in names, Iceberg does not. Of columns whose
 * names differ only in case, the oldest (by field id) keeps its name, and the others get a number that makes it unique:
 * `id`, `ID_2`. A zero character, at which DuckDB ends a name, is written as the sign for it, `␀`. The same for the fields
 * of a struct. The order of the columns does not change.
 *
 * @returns also the columns with another name than in the table, with their path: `leg.ID`
 */
export function distinguishNames(fields: readonly NestedField[]): {
  fields: readonly NestedField[]
  renamedColumns: readonly RenamedColumn[]
} {
  const renamedColumns: RenamedColumn[] = []
  return { fields: distinguishFields(fields, [], renamedColumns), renamedColumns }
}

function distinguishFields(
  fields: readonly NestedField[],
  path: readonly string[],
  renamed: RenamedColumn[],
): readonly NestedField[] {
  const written = fields.map((field) => ({ id: field.id, name: field.name.replaceAll('\0', '␀') }))
  const taken = new Set(written.map(({ name }) => name.toLowerCase()))
  const retained = new Set<string>()
  const queryNames = new Map<number, string>()
  for (const { id, name } of written.toSorted((a, b) => a.id - b.id)) {
    if (!retained.has(name.toLowerCase())) {
      retained.add(name.toLowerCase())
      queryNames.set(id, name)
      continue
    }
    let number = 2
    while (taken.has(`${name}_${number}`.toLowerCase())) number += 1
    const queryName = `${name}_${number}`
    taken.add(queryName.toLowerCase())
    queryNames.set(id, queryName)
  }
  return fields.map((field) => {
    const name = queryNames.get(field.id) ?? field.name
    if (name !== field.name) {
      renamed.push({ name: [...path, field.name].join('.'), queryName: [...path, name].join('.') })
    }
    const type = distinguishType(field.type, [...path, name], renamed)
    return name === field.name && type === field.type ? field : { ...field, name, type }
  })
}

function distinguishType(type: Type, path: readonly string[], renamed: RenamedColumn[]): Type {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct': {
      const fields = distinguishFields(type.fields, path, renamed)
      return fields.every((field, i) => field === type.fields[i]) ? type : { ...type, fields }
    }
    case 'list': {
      const element = distinguishType(type.element, path, renamed)
      return element === type.element ? type : { ...type, element }
    }
    case 'map': {
      const key = distinguishType(type.key, path, renamed)
      const value = distinguishType(type.value, path, renamed)
      return key === type.key && value === type.value ? type : { ...type, key, value }
    }
  }
}

import 'server-only'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { hasWriteDefault } from '../cast/write-default'
import type { FieldUse } from '../stage-request'
import type { LoadPlan, PlannedSource } from './load-plan'
import { type MappingProblems, namesError } from './mapping-problems'
import type { Expression } from './sql-expression'

/** A field that an expression names: as it is written there, and in the file. */
export type NamedField = { name: string; index: number }

/** The fields of a file with a header or a footer, for the columns of a plan. */
export type FieldMatches = {
  /** For each column of the schema, the index of the field that fills it; null for none. */
  columnIndexes: readonly (number | null)[]
  /** The fields that expressions name; each once. */
  namedFields: readonly NamedField[]
  /** The fields that fill no column and are not ignored. */
  restIndexes: readonly number[]
  fieldUse: FieldUse
}

/**
 * Finds the fields by their exact names. Expressions find a field in any case, as names are in SQL, if only one field has
 * the name.
 *
 * @param names of the fields, in the order of the file
 * @throws {AppError} invalid-request naming every field that the file has twice
 */
export function matchFields(plan: LoadPlan, names: readonly string[], problems: MappingProblems): FieldMatches {
  const indexes = new Map<string, number>()
  const duplicates = names.filter((name, i) => {
    if (indexes.has(name)) return true
    indexes.set(name, i)
    return false
  })
  if (duplicates.length > 0) throw namesError('The input names columns twice', duplicates)
  const byLowerCase = Map.groupBy(names, (name) => name.toLowerCase())
  const used = new Set<string>()
  const missing = new Set<string>()
  const namedFields = new Map<string, NamedField>()
  const columnIndexes = plan.columns.map(({ field, source }) => {
    if (source.kind === 'expression') {
      for (const found of nameFields(field, source.expression)) {
        namedFields.set(found.name.toLowerCase(), found)
        used.add(names[found.index] ?? '')
      }
      return null
    }
    const index = source.kind === 'field' ? indexes.get(source.name) : undefined
    if (index !== undefined && source.kind === 'field') used.add(source.name)
    else if (source.kind === 'field' && source.isNamed) missing.add(source.name)
    else if (lacksValue(field) && (source.kind === 'field' || source.kind === 'absent'))
      problems.missingColumns.push(field.name)
    return index ?? null
  })
  for (const name of plan.ignoredFields) if (!indexes.has(name)) missing.add(name)
  problems.missingFields.push(...missing)
  const rest = names.filter((name) => !used.has(name) && !plan.ignoredFields.has(name))
  if (!plan.takesRest && !plan.ignoreExtra) problems.unmappedFields.push(...rest)
  return {
    columnIndexes,
    namedFields: [...namedFields.values()],
    restIndexes: plan.takesRest ? rest.map((name) => indexes.get(name) ?? 0) : [],
    fieldUse: {
      absentColumns: plan.columns.flatMap(({ field, source }, i) =>
        isFromField(source) && columnIndexes[i] === null ? [field.name] : [],
      ),
      skippedFields: names.filter((name) => plan.ignoredFields.has(name) || (!plan.takesRest && !used.has(name))),
    },
  }

  function nameFields({ name: column }: NestedField, expression: Expression): NamedField[] {
    return expression.names.flatMap(({ name, position }) => {
      const exact = indexes.get(name)
      const similar = byLowerCase.get(name.toLowerCase()) ?? []
      // DuckDB does not distinguish names by case.
      if (similar.length > 1) {
        problems.addColumn(column, `${JSON.stringify(name)} may be any of the fields ${similar.join(', ')}.`, position)
        return []
      }
      const index = exact ?? indexes.get(similar[0] ?? '')
      if (index === undefined) problems.addColumn(column, `The input has no field ${JSON.stringify(name)}.`, position)
      return index === undefined ? [] : [{ name, index }]
    })
  }
}

/** Whether the column has no other source than a field, if the input has one. */
export function isFromField({ kind }: PlannedSource): boolean {
  return kind === 'field' || kind === 'absent'
}

/** Whether a row cannot leave the column out. */
export function lacksValue(field: NestedField): boolean {
  return field.required && !hasWriteDefault(field)
}

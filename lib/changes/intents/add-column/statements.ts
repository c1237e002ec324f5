import { pythonString, quoteWithBackticks } from '@/lib/sql/quoting'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { columnPath, siblingName, siblingsOf } from '@/lib/changes/edits/column-edits'
import { readDefault } from '@/lib/changes/edits/default-edits'
import { isMissing, type IntentStatements } from '@/lib/changes/statements/intent-statement'
import {
  pythonBoolean,
  pythonDefault,
  pythonPath,
  pythonType,
  schemaStep,
} from '@/lib/changes/statements/pyiceberg-code'
import { alterInSpark, sparkColumn, sparkString, sparkType } from '@/lib/changes/statements/spark-sql'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import {
  alterInTrino,
  TRINO_DEFAULTS,
  trinoColumn,
  trinoNameProblem,
  trinoParentProblem,
  trinoType,
} from '@/lib/changes/statements/trino-sql'
import { readColumnType } from './column-type'
import type { AddColumn } from './describe'

export const addColumnStatements: IntentStatements<AddColumn> = {
  spark: (draft, intent, table) => {
    const { parentId, name, required, doc, initialDefault, writeDefault } = intent
    if (required) return { reason: 'Spark cannot add a required column.' }
    if (initialDefault !== null || writeDefault !== null)
      return { reason: 'Spark 3.5 cannot add a column with a default to an Iceberg table.' }
    const type = sparkType(readColumnType(intent.type))
    if (isMissing(type)) return type
    const comment = doc === null ? '' : ` COMMENT ${sparkString(doc)}`
    const sibling = siblingBefore(draft, intent)
    const position = sibling === undefined ? '' : sibling === null ? ' FIRST' : ` AFTER ${quoteWithBackticks(sibling)}`
    const column = sparkColumn([...columnPath(draft, parentId), name])
    return [alterInSpark(table, `ADD COLUMN ${column} ${type}${comment}${position}`)]
  },
  trino: (draft, intent, table) => {
    const { parentId, name, required, doc, initialDefault, writeDefault } = intent
    if (required) return { reason: 'Trino cannot add a required column to an Iceberg table.' }
    if (initialDefault !== null || writeDefault !== null) return TRINO_DEFAULTS
    const problem = trinoParentProblem(draft, parentId) ?? trinoNameProblem(name)
    if (problem) return problem
    const type = trinoType(readColumnType(intent.type))
    if (isMissing(type)) return type
    const sibling = siblingBefore(draft, intent)
    if (parentId !== null && (sibling !== undefined || doc !== null))
      return { reason: 'Trino adds a column of a struct at its end, and without a description.' }
    const comment = doc === null ? '' : ` COMMENT ${quoteString(doc)}`
    const position = sibling === undefined ? '' : sibling === null ? ' FIRST' : ` AFTER ${quoteIdentifier(sibling)}`
    const column = trinoColumn([...columnPath(draft, parentId), name])
    return [alterInTrino(table, `ADD COLUMN ${column} ${type}${comment}${position}`)]
  },
  pyiceberg: (draft, intent) => {
    const { parentId, name, required, doc } = intent
    const columnType = readColumnType(intent.type)
    const [initialDefault, writeDefault] = [
      readDefault(columnType, intent.initialDefault, { column: name, which: 'initial' }),
      readDefault(columnType, intent.writeDefault, { column: name, which: 'write' }),
    ]
    const type = pythonType(columnType)
    if (isMissing(type)) return type
    if (required && initialDefault === undefined)
      return { reason: 'PyIceberg adds a required column only with a default.' }
    const initial = initialDefault === undefined ? 'None' : pythonDefault(columnType, initialDefault)
    if (isMissing(initial)) return initial
    const write = writeDefault === undefined ? 'None' : pythonDefault(columnType, writeDefault)
    if (isMissing(write)) return write
    if (required && write === 'None')
      return { reason: 'PyIceberg gives a required column its initial default for writes, too.' }
    const path = pythonPath([...columnPath(draft, parentId), name])
    const args = [
      path,
      type,
      ...(doc === null ? [] : [`doc=${pythonString(doc)}`]),
      ...(required ? [`required=${pythonBoolean(required)}`] : []),
      ...(initial === 'None' ? [] : [`default_value=${initial}`]),
    ]
    const sibling = siblingBefore(draft, intent)
    const move =
      sibling === undefined
        ? []
        : sibling === null
          ? [`move_first(${path})`]
          : [`move_after(${path}, ${pythonPath([...columnPath(draft, parentId), sibling])})`]
    return [
      schemaStep([`add_column(${args.join(', ')})`, ...move], ['types']),
      // It takes one value for both defaults.
      ...(write === initial ? [] : [schemaStep([`set_default_value(${path}, ${write})`])]),
    ]
  },
}

/** The sibling that the column follows; null: it is first. Undefined when it is last, where engines add columns. */
function siblingBefore(draft: TableDraft, { parentId, after }: AddColumn): string | null | undefined {
  const sibling = siblingName(draft, parentId, after)
  return sibling !== null && siblingsOf(draft.schema, parentId).at(-1)?.name === sibling ? undefined : sibling
}

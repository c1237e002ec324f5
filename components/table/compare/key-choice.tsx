'use client'
import { IconKey } from '@tabler/icons-react'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import { columnName } from './column-name'
import { ColumnsMenu } from './columns-menu'
import classes from './compare-snapshots.module.css'
import type { SuggestedKey } from './suggested-key'

type KeyChoiceProps = {
  columns: readonly ShownColumn[]
  keyIds: readonly number[]
  identifierIds: readonly number[]
  suggestion: SuggestedKey | null
  onChange: (keyIds: readonly number[]) => void
}

/** The columns that identify a row on both sides. */
export function KeyChoice({ columns, keyIds, identifierIds, suggestion, onChange }: KeyChoiceProps) {
  const names = keyIds.map((id) => {
    const column = columns.find(({ fieldId }) => fieldId === id)
    return column ? columnName(column) : `column ${id}`
  })
  const isIdentifier = keyIds.length > 0 && keyIds.join() === identifierIds.join()
  return (
    <span className={classes.key}>
      <span className={classes.by} aria-hidden>
        key
      </span>
      <ColumnsMenu
        icon={IconKey}
        choice={{
          label: 'Key',
          hint: 'Rows match if these columns are equal. Without a key, only equal rows match.',
          columns: columns
            .filter(({ side, type }) => side === 'both' && typeof type === 'string')
            .map((column) => ({ ...column, name: columnName(column) })),
          // Without a key the suggested one is checked, so that one click uses it.
          chosenIds: keyIds.length === 0 ? (suggestion?.keyIds ?? []) : keyIds,
          suggestion: suggestion
            ? {
                fieldIds: suggestion.keyIds,
                note: suggestion.reason === 'identifier' ? 'identifier field' : 'suggested by its name',
              }
            : undefined,
          applyLabel: () => 'Use as key',
          onApply: onChange,
          resetLabel: 'No key',
          onReset: () => onChange([]),
        }}
      >
        <span className={classes.keyNames}>{names.length === 0 ? 'none' : names.join(', ')}</span>
        {isIdentifier && (
          <span className={classes.stateNote}> {keyIds.length === 1 ? 'identifier field' : 'identifier fields'}</span>
        )}
      </ColumnsMenu>
    </span>
  )
}

'use client'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ColumnSource, LoadMapping } from '@/lib/ingest/load-mapping'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { needsDecision } from '../steps/open-steps'
import { ColumnCells, FieldHow, STATES } from './column-cells'
import { mapColumn, mapField, type MappingLine } from './mapping-lines'
import classes from './mapping-step.module.css'
import { SourceFields } from './source-fields'
import { CELL, ROW, ROWHEADER } from './table-roles'

const IGNORE = '\0ignore'

type Choice = { value: string; label: string }

/** The columns that a field can fill, and that it fills none. */
export function fieldChoices(columns: readonly { name: string }[]): readonly Choice[] {
  return [{ value: IGNORE, label: 'leave out' }, ...columns.map(({ name }) => ({ value: name, label: name }))]
}

/** A field of the file with its column. */
export function FieldRow({
  line,
  mapping,
  choices,
  onMapping,
  onExpression,
}: {
  line: Extract<MappingLine, { kind: 'field' }>
  mapping: LoadMapping
  choices: readonly Choice[]
  onMapping: (mapping: LoadMapping) => void
  /** The column of the field begins to have an expression. */
  onExpression: (column: string, sql: string) => void
}) {
  const { field, sample, column, state } = line
  const mapTo = (to: string | null) => onMapping(mapField(mapping, field, column?.name ?? null, to))
  return (
    <tr {...ROW} data-open={needsDecision(line) || undefined}>
      <th {...ROWHEADER} scope="row" data-ignored={state === 'ignored' || undefined}>
        <Mono title={field}>{field}</Mono>
      </th>
      <td {...CELL} className={classes.sample} title={sample ?? undefined}>
        {sample === null ? <i className="quiet">null</i> : <VisibleText>{sample}</VisibleText>}
      </td>
      <td {...CELL} className={classes.column}>
        <LazySelect
          aria-label={`Column for ${field}`}
          data={choices}
          searchable
          value={column?.name ?? (state === 'ignored' ? IGNORE : null)}
          placeholder={state === 'unmapped' ? 'choose' : STATES[state]}
          onChange={(value) => value !== null && mapTo(value === IGNORE ? null : value)}
        />
      </td>
      <ColumnCells
        column={column}
        how={
          <FieldHow
            line={line}
            onExpression={(name) => onExpression(name, quoteIdentifier(field))}
            onSuggestion={mapTo}
          />
        }
      />
    </tr>
  )
}

/** A column that no field fills, with its values. */
export function ColumnRow({
  line,
  mapping,
  hasFocus,
  haveFolders,
  onMapping,
}: {
  line: Extract<MappingLine, { kind: 'column' }>
  mapping: LoadMapping
  hasFocus: boolean
  haveFolders: boolean
  onMapping: (mapping: LoadMapping) => void
}) {
  const { column, result, source, isMissing } = line
  const { name } = column
  return (
    <tr {...ROW} data-open={needsDecision(line) || undefined}>
      <th {...ROWHEADER} scope="row" className="quiet">
        –
      </th>
      <td {...CELL} className={classes.sample} title={result ?? undefined}>
        {result === null && <i className="quiet">null</i>}
        {typeof result === 'string' && <VisibleText>{result}</VisibleText>}
      </td>
      <td {...CELL} className={`${classes.column} medium`}>
        <Mono title={name}>{name}</Mono>
      </td>
      <ColumnCells
        column={column}
        how={
          <SourceFields
            {...{ name, source, isMissing, hasFocus, haveFolders }}
            onChange={(changed: ColumnSource | null) => onMapping(mapColumn(mapping, name, changed))}
          />
        }
      />
    </tr>
  )
}

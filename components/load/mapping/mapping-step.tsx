'use client'
import { useMemo, useRef, useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useReachableScroll } from '@/components/ui/use-reachable-scroll'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { ColumnCells, FieldHow, STATES } from './column-cells'
import type { MappedPreview } from './failed-preview'
import { countWholeRows, mapColumn, mapField, type MappingLine } from './mapping-lines'
import classes from './mapping-step.module.css'
import { SourceFields } from './source-fields'
import { CELL, COLUMNHEADER, ROW, ROWGROUP, ROWHEADER, TABLE } from './table-roles'
import type { LoadEstimate } from '../sample/load-estimate'
import type { SampledEstimate } from '../sample/use-load-estimate'
import { Step } from '../steps/step'
import { needsDecision } from '../steps/open-steps'
import type { LoadDraft } from '../use-load-draft'

const IGNORE = '\0ignore'

/**
 * Each field of the file with its column, and each column that no field fills with its values. In a narrow window there
 * are two lines for each, instead of a table that scrolls sideways.
 *
 * @param props.mapped undefined while no file was read
 * @param props.isLastRead whether it is of earlier choices, because the file cannot be read with the present ones
 * @param props.haveFolders whether the files have paths: those that were uploaded have names alone
 */
export function MappingStep({
  draft,
  mapped,
  lines,
  isReading,
  isLastRead,
  isOpen,
  sampled: { estimate },
  haveFolders,
}: {
  draft: LoadDraft
  mapped: MappedPreview | undefined
  lines: readonly MappingLine[]
  isReading: boolean
  isLastRead: boolean
  isOpen: boolean
  sampled: Pick<SampledEstimate, 'estimate'>
  haveFolders: boolean
}) {
  const note = !mapped
    ? 'from the first rows'
    : isLastRead
      ? `${describe(lines)}, as last known`
      : `${describe(lines)}${describeSample(estimate)}${describeWholeRows(countWholeRows(mapped, estimate?.sample))}`
  return (
    <Step number={3} title="Columns" note={note} isOpen={isOpen}>
      {mapped ? (
        <Mapping {...{ draft, lines, haveFolders }} columns={mapped.columns} isSampled={estimate?.isExact === false} />
      ) : isReading ? (
        <SkeletonRows rows={5} columns={3} label="Reading the first rows" />
      ) : (
        <p className={classes.unread}>Columns appear when the first rows can be read.</p>
      )}
    </Step>
  )
}

function Mapping({
  draft,
  lines,
  columns,
  isSampled,
  haveFolders,
}: {
  draft: LoadDraft
  lines: readonly MappingLine[]
  columns: LoadPreview['columns']
  /** Whether rejected values are those of a sample, and not of all rows. */
  isSampled: boolean
  haveFolders: boolean
}) {
  const mapping = draft.chosenMapping
  // Once for all lines: a table may have thousands of columns.
  const choices = useMemo(
    () => [{ value: IGNORE, label: 'leave out' }, ...columns.map(({ name }) => ({ value: name, label: name }))],
    [columns],
  )
  // The row with the button becomes another one: its field takes over the focus.
  const [begunColumn, setBegunColumn] = useState<string | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const tabIndex = useReachableScroll(scroller)
  const setMapping = (changed: typeof mapping) => draft.change({ mapping: changed })
  return (
    <div ref={scroller} className={classes.scroller} role="region" aria-label="Mapping" tabIndex={tabIndex}>
      <table {...TABLE} className={classes.table}>
        <thead {...ROWGROUP}>
          <tr {...ROW}>
            <th {...COLUMNHEADER}>In the file</th>
            <th {...COLUMNHEADER}>Sample</th>
            <th {...COLUMNHEADER}>Column</th>
            <th {...COLUMNHEADER}>Type</th>
            <th {...COLUMNHEADER}>How</th>
            <th {...COLUMNHEADER} className={classes.number}>
              {isSampled ? 'Rejected in the sample' : 'Rejected'}
            </th>
          </tr>
        </thead>
        <tbody {...ROWGROUP}>
          {lines.map((line) =>
            line.kind === 'field' ? (
              <tr {...ROW} key={`field ${line.field}`} data-open={needsDecision(line) || undefined}>
                <th {...ROWHEADER} scope="row" data-ignored={line.state === 'ignored' || undefined}>
                  <Mono title={line.field}>{line.field}</Mono>
                </th>
                <td {...CELL} className={classes.sample} title={line.sample ?? undefined}>
                  {line.sample === null ? <i className="quiet">null</i> : <VisibleText>{line.sample}</VisibleText>}
                </td>
                <td {...CELL} className={classes.column}>
                  <LazySelect
                    aria-label={`Column for ${line.field}`}
                    data={choices}
                    searchable
                    value={line.column?.name ?? (line.state === 'ignored' ? IGNORE : null)}
                    placeholder={line.state === 'unmapped' ? 'choose' : STATES[line.state]}
                    onChange={(value) =>
                      value !== null &&
                      setMapping(
                        mapField(mapping, line.field, line.column?.name ?? null, value === IGNORE ? null : value),
                      )
                    }
                  />
                </td>
                <ColumnCells
                  column={line.column}
                  how={
                    <FieldHow
                      line={line}
                      onExpression={(column) => {
                        setBegunColumn(column)
                        setMapping(mapColumn(mapping, column, { sql: quoteIdentifier(line.field) }))
                      }}
                      onSuggestion={(column) => setMapping(mapField(mapping, line.field, null, column))}
                    />
                  }
                />
              </tr>
            ) : (
              <tr {...ROW} key={`column ${line.column.name}`} data-open={needsDecision(line) || undefined}>
                <th {...ROWHEADER} scope="row" className="quiet">
                  –
                </th>
                <td {...CELL} className={classes.sample} title={line.result ?? undefined}>
                  {line.result === null && <i className="quiet">null</i>}
                  {typeof line.result === 'string' && <VisibleText>{line.result}</VisibleText>}
                </td>
                <td {...CELL} className={`${classes.column} medium`}>
                  <Mono title={line.column.name}>{line.column.name}</Mono>
                </td>
                <ColumnCells
                  column={line.column}
                  how={
                    <SourceFields
                      name={line.column.name}
                      source={line.source}
                      isMissing={line.isMissing}
                      hasFocus={line.column.name === begunColumn}
                      haveFolders={haveFolders}
                      onChange={(source) => setMapping(mapColumn(mapping, line.column.name, source))}
                    />
                  }
                />
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  )
}

function describe(lines: readonly MappingLine[]): string {
  const fields = lines.filter((line) => line.kind === 'field')
  const columnCount = lines.filter((line) =>
    line.kind === 'field' ? line.column !== null : line.source !== null,
  ).length
  const guessedCount = fields.filter(({ state }) => state === 'guessed').length
  const guessed = guessedCount === 0 ? '' : `, ${formatCount(guessedCount)} guessed`
  const ignoredCount = fields.filter(({ state }) => state === 'ignored').length
  const ignored = ignoredCount === 0 ? '' : `, ${formatCount(ignoredCount)} left out`
  return `${formatQuantity(fields.length, 'field')} to ${formatQuantity(columnCount, 'column')}${guessed}${ignored}`
}

function describeWholeRows({ count, isAtLeast }: ReturnType<typeof countWholeRows>): string {
  if (count === 0) return ''
  const rows = `${isAtLeast ? 'at least ' : ''}${formatQuantity(count, 'row')}`
  return `; ${rows} rejected as a whole, in no column`
}

function describeSample(estimate: LoadEstimate | null): string {
  if (estimate === null) return ''
  const { isExact, sample } = estimate
  const rows = formatQuantity(sample.rowsRead, 'row')
  return isExact
    ? `, tried on all ${rows}`
    : `, tried on ${rows}${sample.from === 'spread' ? ' from all over the file' : ''}`
}

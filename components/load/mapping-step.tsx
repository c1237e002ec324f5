'use client'
import { Button, TextInput } from '@mantine/core'
import { type ReactNode, useRef, useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useReachableScroll } from '@/components/ui/use-reachable-scroll'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { ColumnSource } from '@/lib/ingest/load-mapping'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { mapColumn, mapField, type MappedColumn, type MappingLine } from './mapping-lines'
import classes from './mapping-step.module.css'
import type { LoadEstimate } from './sample/load-estimate'
import type { SampledEstimate } from './sample/use-load-estimate'
import { Step } from './step'
import { needsDecision } from './steps/open-steps'
import type { LoadDraft } from './use-load-draft'

const IGNORE = '\0ignore'
const SHOWN_VALUE_CHARS = 60

/**
 * Each field of the file with its column, and each column that no field fills with its values. In a narrow window there
 * are two lines for each, instead of a table that scrolls sideways.
 *
 * @param props.preview undefined while there is none
 * @param props.haveFolders whether the files have paths: those that were uploaded have names alone
 */
export function MappingStep({
  draft,
  preview,
  lines,
  isReading,
  isOpen,
  sampled: { estimate },
  haveFolders,
}: {
  draft: LoadDraft
  preview: LoadPreview | undefined
  lines: readonly MappingLine[]
  isReading: boolean
  isOpen: boolean
  sampled: Pick<SampledEstimate, 'estimate'>
  haveFolders: boolean
}) {
  const note = preview ? `${describe(lines)}${describeSample(estimate)}` : 'from the first rows'
  return (
    <Step number={3} title="Columns" note={note} isOpen={isOpen}>
      {preview ? (
        <Mapping {...{ draft, lines, haveFolders }} columns={preview.columns} isSampled={estimate?.isExact === false} />
      ) : isReading ? (
        <SkeletonRows rows={5} columns={3} label="Reading the first rows" />
      ) : (
        <p className={classes.unread}>The columns are here once the first rows can be read.</p>
      )}
    </Step>
  )
}

/** Explicit roles, because some browsers drop the table roles in a narrow window, where the layout is not a table. */
const TABLE = { role: 'table' }
const ROWGROUP = { role: 'rowgroup' }
const ROW = { role: 'row' }
const COLUMNHEADER = { role: 'columnheader' }
const ROWHEADER = { role: 'rowheader' }
const CELL = { role: 'cell' }

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
  const { mapping } = draft.options
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
                    data={[
                      ...columns.map(({ name }) => ({ value: name, label: name })),
                      { value: IGNORE, label: 'leave out' },
                    ]}
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
                      onExpression={(column) =>
                        setMapping(mapColumn(mapping, column, { sql: quoteIdentifier(line.field) }))
                      }
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

const STATES = {
  'same-name': 'same name',
  chosen: 'chosen',
  ignored: 'left out',
  rest: 'with the other fields',
  'in-expression': 'used in an expression',
  unmapped: 'has no column',
} as const

function describe(lines: readonly MappingLine[]): string {
  const fields = lines.filter((line) => line.kind === 'field')
  const columnCount = lines.filter((line) =>
    line.kind === 'field' ? line.column !== null : line.source !== null,
  ).length
  const ignoredCount = fields.filter(({ state }) => state === 'ignored').length
  const ignored = ignoredCount === 0 ? '' : `, ${formatCount(ignoredCount)} left out`
  return `${formatQuantity(fields.length, 'field')} to ${formatQuantity(columnCount, 'column')}${ignored}`
}

function describeSample(estimate: LoadEstimate | null): string {
  if (estimate === null) return ''
  const { isExact, sample } = estimate
  const rows = formatQuantity(sample.rowsRead, 'row')
  return isExact
    ? `, tried on all ${rows}`
    : `, tried on ${rows}${sample.from === 'spread' ? ' from all over the file' : ''}`
}

function ColumnCells({ column, how }: { column: MappedColumn | null; how: ReactNode }) {
  return (
    <>
      <td {...CELL} className={classes.type}>
        {column && <Mono>{column.type}</Mono>}
      </td>
      <td {...CELL} className={classes.values}>
        {how}
        {column?.problem && (
          <div className={classes.problem} role="alert">
            {column.problem}
          </div>
        )}
        {column?.firstReject && <FirstReject {...column.firstReject} />}
      </td>
      <td {...CELL} className={classes.number} data-some={(column?.rejectedCount ?? 0) > 0 || undefined}>
        {column === null ? '–' : formatCount(column.rejectedCount)}
        {/* The header is out of sight where a row has two lines. */}
        <span className={classes.word} aria-hidden>
          {' '}
          rejected
        </span>
      </td>
    </>
  )
}

function FirstReject({ position, value, reason }: NonNullable<MappedColumn['firstReject']>) {
  return (
    <div className={classes.reject}>
      {position}: {value !== null && <VisibleText>{`${value.slice(0, SHOWN_VALUE_CHARS)} `}</VisibleText>}
      {reason}
    </div>
  )
}

function FieldHow({
  line,
  onExpression,
}: {
  line: Extract<MappingLine, { kind: 'field' }>
  onExpression: (column: string) => void
}) {
  const { column, state } = line
  return (
    <span className={classes.how}>
      <span className={state === 'unmapped' ? 'warn medium' : 'secondary'}>{STATES[state]}</span>
      {column !== null && (
        <Button size="xs" variant="subtle" onClick={() => onExpression(column.name)}>
          Expression
        </Button>
      )}
    </span>
  )
}

type SourceKind = 'none' | 'value' | 'sql' | 'file-name' | 'path-value' | 'line' | 'loaded-at' | 'rest'
const SOURCES: readonly { value: SourceKind; label: string }[] = [
  { value: 'none', label: 'no value' },
  { value: 'value', label: 'the same for every row' },
  { value: 'sql', label: 'SQL expression' },
  { value: 'file-name', label: 'name of the file' },
  { value: 'path-value', label: 'value in the path' },
  { value: 'line', label: 'line in the file' },
  { value: 'loaded-at', label: 'time of the load' },
  { value: 'rest', label: 'all other fields' },
]

/** The values of a column that no field fills. */
function SourceFields({
  name,
  source,
  isMissing,
  haveFolders,
  onChange,
}: {
  name: string
  source: Exclude<ColumnSource, { field: string }> | null
  isMissing: boolean
  haveFolders: boolean
  onChange: (source: ColumnSource | null) => void
}) {
  const kind = kindOf(source)
  return (
    <span className={classes.how}>
      <LazySelect
        aria-label={`Values of ${name}`}
        data={SOURCES.filter(({ value }) => haveFolders || value !== 'path-value' || kind === value)}
        value={kind}
        allowDeselect={false}
        onChange={(value) => value !== null && onChange(toSource(value, name))}
        className={classes.source}
      />
      {source && 'value' in source && source.value !== null && (
        <TextInput
          aria-label={`Value of ${name}`}
          value={source.value}
          maxLength={10_000}
          onChange={({ currentTarget }) => onChange({ value: currentTarget.value })}
        />
      )}
      {source && 'sql' in source && (
        <SourceText
          label={`Expression for ${name}`}
          className={classes.sql}
          text={source.sql}
          onChange={(sql) => onChange({ sql })}
        />
      )}
      {source && 'pathValue' in source && (
        <SourceText
          label={`Folder for ${name}`}
          text={source.pathValue}
          onChange={(pathValue) => onChange({ pathValue })}
        />
      )}
      {isMissing && <span className="warn medium">requires values</span>}
    </span>
  )
}

/** A text that a source needs: if the field is left empty, it has the last one again. */
function SourceText({
  label,
  text,
  className,
  onChange,
}: {
  label: string
  text: string
  className?: string | undefined
  onChange: (text: string) => void
}) {
  const [isEmpty, setIsEmpty] = useState(false)
  return (
    <TextInput
      aria-label={label}
      {...(className !== undefined && { className })}
      value={isEmpty ? '' : text}
      maxLength={10_000}
      spellCheck={false}
      onChange={({ currentTarget: { value } }) => {
        setIsEmpty(value === '')
        if (value !== '') onChange(value)
      }}
      onBlur={() => setIsEmpty(false)}
    />
  )
}

function kindOf(source: Exclude<ColumnSource, { field: string }> | null): SourceKind {
  if (source === null || ('value' in source && source.value === null)) return 'none'
  if ('value' in source) return 'value'
  if ('sql' in source) return 'sql'
  if ('pathValue' in source) return 'path-value'
  return 'fact' in source ? source.fact : 'rest'
}

function toSource(kind: SourceKind, column: string): ColumnSource {
  switch (kind) {
    case 'none':
      return { value: null }
    case 'value':
      return { value: '' }
    case 'sql':
      return { sql: 'NULL' }
    case 'path-value':
      return { pathValue: column }
    case 'rest':
      return { rest: true }
    default:
      return { fact: kind }
  }
}

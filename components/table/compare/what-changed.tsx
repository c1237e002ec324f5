'use client'
import { Button, UnstyledButton } from '@mantine/core'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { SnapshotComparison } from '@/lib/contract/table/comparison'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import type { CellValue, ColumnSummary } from '@/lib/scan/compare/change-summary'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import { compareSchemas, type PropertyChange, type SchemaChange } from '@/lib/scan/compare/schema-changes'
import type { ComparisonResult } from '@/lib/scan/compare/snapshot-comparison'
import { lineText } from '@/lib/scan/value-text'
import { columnName } from './column-name'
import { LayoutFiles } from './layout-files'
import type { SuggestedKey } from './suggested-key'
import classes from './what-changed.module.css'
import type { CompareAddress } from './use-compare-address'

type WhatChangedProps = {
  plan: SnapshotComparison
  columns: readonly ShownColumn[]
  result: ComparisonResult
  hasKey: boolean
  address: Pick<CompareAddress, 'columnId' | 'setColumn' | 'setKey'>
  /** The key to offer without one. */
  suggestion: SuggestedKey | null
}

/** The columns by how many of their values changed, the commonest changes of the chosen one, and schema, layout and properties. */
export function WhatChanged({ plan, columns, result, hasKey, address, suggestion }: WhatChangedProps) {
  const { columnId, setColumn, setKey } = address
  const changed = result.columns
    .filter(({ changedCount }) => changedCount > 0)
    .toSorted((a, b) => b.changedCount - a.changedCount)
  const cellCount = changed.reduce((sum, { changedCount }) => sum + changedCount, 0)
  const chosen = changed.find(({ fieldId }) => fieldId === columnId) ?? null
  const byId = new Map(columns.filter(({ side }) => side === 'both').map((column) => [column.fieldId, column]))
  const unchangedCount = result.columns.length - changed.length
  return (
    <aside className={classes.panel} aria-labelledby="what-changed">
      <h3 id="what-changed" className={classes.heading}>
        What changed
        {hasKey && (
          <span className={classes.total}>
            {formatQuantity(cellCount, 'cell')} of {formatQuantity(result.changedCount, 'row')}
          </span>
        )}
      </h3>
      {!hasKey && (
        <>
          <p className={classes.quiet}>
            Without a key, rows are only added or removed. Choose a key to see what changed by column.
          </p>
          {suggestion && (
            <p className={classes.quiet}>
              <Button variant="default" onClick={() => setKey(suggestion.keyIds)}>
                Use {keyNames(suggestion.keyIds, byId)} as key
              </Button>
            </p>
          )}
        </>
      )}
      <ul className={classes.columns}>
        {changed.map(({ fieldId, changedCount }) => {
          const column = byId.get(fieldId)
          return (
            column && (
              <li key={fieldId}>
                <UnstyledButton
                  className={classes.column ?? ''}
                  aria-pressed={fieldId === columnId}
                  onClick={() => setColumn(fieldId === columnId ? null : fieldId)}
                >
                  <span className={classes.name}>{columnName(column)}</span>
                  <span className={classes.track} aria-hidden>
                    <span className={classes.bar} style={{ width: `${(100 * changedCount) / result.changedCount}%` }} />
                  </span>
                  <span className={classes.count}>{formatCount(changedCount)}</span>
                </UnstyledButton>
              </li>
            )
          )
        })}
      </ul>
      {hasKey && unchangedCount > 0 && (
        <p className={classes.quiet}>
          {formatQuantity(unchangedCount, changed.length === 0 ? 'column' : 'other column')} without changes
        </p>
      )}
      {chosen && <CommonChanges summary={chosen} column={byId.get(chosen.fieldId) ?? null} />}
      <SchemaAndProperties plan={plan} />
    </aside>
  )
}

function keyNames(keyIds: readonly number[], byId: ReadonlyMap<number, ShownColumn>): string {
  return keyIds
    .flatMap((id) => byId.get(id) ?? [])
    .map(columnName)
    .join(', ')
}

function CommonChanges({ summary, column }: { summary: ColumnSummary; column: ShownColumn | null }) {
  const timeZone = useTimeZone()
  if (column === null) return null
  const { commonChanges, countsAll } = summary
  return (
    <>
      <h4 className={classes.subheading}>{columnName(column)}</h4>
      <ul className={classes.changes}>
        {commonChanges.map(({ before, after, rowCount }, i) => (
          // Ordered by frequency; they have no other identity.
          <li key={`${i}`} className="columns gap-8 between">
            <span className={classes.values}>
              <del>{valueLabel(column, before, timeZone)}</del> <ins>{valueLabel(column, after, timeZone)}</ins>
            </span>
            <span className={classes.count}>{formatCount(rowCount)}</span>
          </li>
        ))}
      </ul>
      {!countsAll && <p className={classes.quiet}>The column has too many different changes to count all of them.</p>}
    </>
  )
}

function valueLabel({ type }: ShownColumn, value: CellValue, timeZone: string): string {
  if (value === undefined || value === null) return 'null'
  return value === '' ? 'empty' : visibleText(lineText(type, value, timeZone))
}

function SchemaAndProperties({ plan }: { plan: SnapshotComparison }) {
  const changes = compareSchemas(plan.before.schema, plan.after.schema)
  const properties = plan.properties ?? []
  const layout = plan.layout ?? []
  return (
    <>
      <h4 className={classes.subheading}>Schema, layout and properties</h4>
      {changes.length + layout.length + properties.length === 0 && plan.properties !== null && (
        <p className={classes.quiet}>The same on both sides.</p>
      )}
      <ul className={classes.changes}>
        {changes.map((change) => (
          <li key={`${change.kind} ${'fieldId' in change ? change.fieldId : ''}`}>
            <SchemaLine change={change} />
          </li>
        ))}
        {layout.map((change) => (
          <li key={change.name}>
            <LayoutLine change={change} />
          </li>
        ))}
        {properties.map((change) => (
          <li key={change.name}>
            <PropertyLine change={change} />
          </li>
        ))}
      </ul>
      {plan.propertiesProblem !== null && (
        <p className={classes.quiet}>
          Properties, partition spec, sort order and format version are not compared. They are not known for{' '}
          {plan.unknownSides.length === 2 ? 'both snapshots' : `the snapshot ${plan.unknownSides[0]}`}.{' '}
          {plan.propertiesProblem}
        </p>
      )}
      {plan.sharesMetadata && (
        <p className={classes.quiet}>Both sides have the table’s current partition spec, sort order and properties.</p>
      )}
      <LayoutFiles files={plan.layoutFiles} problem={plan.layoutFilesProblem} />
    </>
  )
}

const LABELS = { renamed: 'name', type: 'type', required: '', doc: 'doc' } as const

function SchemaLine({ change }: { change: SchemaChange }) {
  if ('type' in change) {
    const isAdded = change.kind === 'added'
    return (
      <>
        <b className={isAdded ? 'added' : 'removed'}>{isAdded ? '+' : '−'}</b>{' '}
        <span className="sr-only">{change.kind}</span>
        <code>{change.path}</code> {change.type}, id {change.fieldId}
      </>
    )
  }
  if (change.kind === 'moved') {
    const text = (follows: string | null) => (follows === null ? 'first' : `after ${follows}`)
    return <ChangeLine name={`${change.path} position`} before={text(change.before)} after={text(change.after)} />
  }
  if (change.kind === 'identifier') {
    const text = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))
    return <ChangeLine name="identifier fields" before={text(change.before)} after={text(change.after)} />
  }
  return (
    <ChangeLine
      name={`${change.path} ${LABELS[change.kind]}`.trim()}
      before={change.before ?? 'none'}
      after={change.after ?? 'none'}
    />
  )
}

function LayoutLine({ change: { name, before, after } }: { change: PropertyChange }) {
  if (before !== null && after !== null) return <ChangeLine name={name} before={before} after={after} />
  const isAdded = before === null
  return (
    <>
      <b className={isAdded ? 'added' : 'removed'}>{isAdded ? '+' : '−'}</b>{' '}
      <span className="sr-only">{isAdded ? 'added' : 'removed'}</span>
      <code>{name}</code> {after ?? before}
    </>
  )
}

function PropertyLine({ change: { name, before, after } }: { change: PropertyChange }) {
  return <ChangeLine name={name} before={before ?? 'not set'} after={after ?? 'not set'} />
}

function ChangeLine({ name, before, after }: { name: string; before: string; after: string }) {
  return (
    <>
      <b className="warn">~</b> <span className="sr-only">changed</span>
      <code>{name}</code> <del>{before}</del> <ins>{after}</ins>
    </>
  )
}

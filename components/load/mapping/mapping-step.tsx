'use client'
import { Button } from '@mantine/core'
import { type MouseEvent, useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { MappedPreview } from './failed-preview'
import { countWholeRows, leaveOutOpenFields, type MappingLine, openFields } from './mapping-lines'
import classes from './mapping-step.module.css'
import { MappingTable } from './mapping-table'
import { MAX_SHOWN_LINES } from './shown-lines'
import type { LoadEstimate } from '../sample/load-estimate'
import type { SampledEstimate } from '../sample/use-load-estimate'
import { focusStep, Step } from '../steps/step'
import type { LoadDraft } from '../use-load-draft'

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
  const [search, setSearch] = useState('')
  const isLong = lines.length > MAX_SHOWN_LINES
  const openCount = openFields(lines).length
  const leaveOutOthers = ({ currentTarget }: MouseEvent<HTMLElement>) => {
    draft.change({ mapping: leaveOutOpenFields(draft.chosenMapping, lines) })
    // The button goes away.
    focusStep(currentTarget)
  }
  const note = !mapped
    ? 'from the first rows'
    : isLastRead
      ? `${describe(lines)}, as last known`
      : `${describe(lines)}${describeSample(estimate)}${describeWholeRows(countWholeRows(mapped, estimate?.sample))}`
  return (
    <Step
      number={3}
      title="Columns"
      note={note}
      isOpen={isOpen}
      {...(mapped &&
        (isLong || openCount > 1) && {
          actions: (
            <>
              {openCount > 1 && (
                <Button size="xs" variant="subtle" onClick={leaveOutOthers}>
                  Leave out {formatQuantity(openCount, 'field')} without a column
                </Button>
              )}
              {isLong && <FilterField label="Find a field or column" value={search} onChange={setSearch} width={200} />}
            </>
          ),
        })}
    >
      {mapped ? (
        <MappingTable
          mapping={draft.chosenMapping}
          change={draft.change}
          {...{ lines, haveFolders }}
          columns={mapped.columns}
          isSampled={estimate?.isExact === false}
          search={isLong ? search : ''}
        />
      ) : isReading ? (
        <SkeletonRows rows={5} columns={3} label="Reading the first rows" />
      ) : (
        <p className={classes.unread}>Columns appear when the first rows can be read.</p>
      )}
    </Step>
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
    ? sample.rowsRead === 1
      ? ', tried on its row'
      : `, tried on all ${rows}`
    : `, tried on ${rows}${sample.from === 'spread' ? ' from all over the file' : ''}`
}

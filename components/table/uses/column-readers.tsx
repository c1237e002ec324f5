'use client'
import { useQuery } from '@tanstack/react-query'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { Unknown } from '@/components/ui/values/unknown'
import { usesQuery } from '@/lib/client/table/uses'
import { visibleText } from '@/lib/format/visible-text'
import { usesColumn } from '@/lib/uses/uses-column'
import classes from './column-readers.module.css'

/**
 * How many views, checks, saved queries and proposals read a column at the top level, and how many more may read it:
 * `6 + 1?`. The uses are those of the table as it is now.
 */
export function ColumnReaders({ column }: { column: string }) {
  const { table } = useShownTable()
  const { data, error } = useQuery(usesQuery(table))
  if (error) return <Unknown reason={`what uses the table could not be read: ${error.message}`} />
  if (data === undefined) return null
  const uses = data.uses.filter((use) => usesColumn(use, [column]))
  const possibleCount = uses.filter(({ certainty }) => certainty === 'may-read').length
  const certainCount = uses.length - possibleCount
  const atLeast = data.isTruncated ? '≥ ' : ''
  if (uses.length === 0) return <span className="quiet">{`${atLeast}0`}</span>
  const possible = possibleCount === 0 ? '' : ` + ${possibleCount}?`
  return (
    <LazyMenu
      popup="dialog"
      button={
        <button
          type="button"
          className={classes.count}
          aria-label={`${visibleText(column)}: read by ${data.isTruncated ? 'at least ' : ''}${certainCount}${possibleCount === 0 ? '' : `, and possibly by ${possibleCount}`}`}
        >
          {atLeast}
          {certainCount}
          <span className="quiet">{possible}</span>
        </button>
      }
      load={loadPopover}
      menuProps={{
        table,
        column,
        uses,
        isTruncated: data.isTruncated,
        missingCatalogs: data.missingCatalogs,
      }}
    />
  )
}

async function loadPopover() {
  return (await import('./readers-popover')).ReadersPopover
}

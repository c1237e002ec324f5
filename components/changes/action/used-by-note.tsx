'use client'
import { useQuery } from '@tanstack/react-query'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { VisibleText } from '@/components/ui/values/visible-text'
import { RecentClientsText } from './recent-clients'
import { tableUsesQuery } from '@/lib/client/table/uses'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { countUses, usedByLabel, limitsOfUses, usesColumn } from '@/lib/uses/use-texts'

const MAX_NAMED = 5

type UsedByNoteProps = {
  table: TableIdentifier
  /** Only what uses one of these columns, by their names at the top level; absent: the table itself. */
  columns?: readonly string[]
}

/** The uses of a table that is about to change, in a review: a warning with their names, or that none is known. */
export function UsedByNote({ table, columns }: UsedByNoteProps) {
  const { data, error } = useQuery(tableUsesQuery(table))
  if (error)
    return <WarningNote>What uses the table could not be read, so it is not known: {error.message}</WarningNote>
  if (data === undefined) return <p className="bare secondary dense">Looking for what uses the table…</p>
  const uses = data.uses.filter((use) => columns === undefined || usesColumn(use, columns))
  const what = columns === undefined ? 'the table' : columns.length === 1 ? 'this column' : 'these columns'
  const limits = limitsOfUses(data)
    .map((limit) => `${limit} `)
    .join('')
  const clients = <RecentClientsText table={table} />
  if (uses.length === 0)
    return (
      <p className="bare secondary dense">
        No view, check, saved query, schedule or proposal that you may read uses {what}. {limits}
        {clients}
      </p>
    )
  const possible = uses.filter(({ certainty }) => certainty === 'may-read').length
  return (
    <WarningNote>
      {countUses(uses)} {uses.length === 1 ? 'uses' : 'use'} {what}
      {possible > 0 && (possible === uses.length ? ', as far as Lakeshore knows' : `, ${possible} of them possibly`)}:{' '}
      {uses.slice(0, MAX_NAMED).map((use, i) => (
        <span key={`${use.kind} ${use.id ?? ''} ${i}`}>
          {i > 0 && ', '}
          <strong>
            <VisibleText>{usedByLabel(use, table.catalog)}</VisibleText>
          </strong>
        </span>
      ))}
      {uses.length > MAX_NAMED && ` and ${uses.length - MAX_NAMED} more`}. {limits}
      {clients}
    </WarningNote>
  )
}

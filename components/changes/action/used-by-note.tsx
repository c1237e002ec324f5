'use client'
import { useQuery } from '@tanstack/react-query'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { VisibleText } from '@/components/ui/values/visible-text'
import { RecentClientsText } from './recent-clients'
import { usesQuery } from '@/lib/client/table/uses'
import { entryKind, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { countUses, limitsOfUses, NO_CLIENTS_OF_VIEWS, usedByLabel } from '@/lib/uses/use-texts'

const MAX_NAMED = 5

/** The uses of a table or view that is about to change, in a review: a warning with their names, or that none is known. */
export function UsedByNote({ entry }: { entry: TableIdentifier | ViewIdentifier }) {
  const { data, error } = useQuery(usesQuery(entry))
  const named = `the ${entryKind(entry)}`
  if (error)
    return (
      <WarningNote>
        What uses {named} could not be read, so it is not known: {error.message}
      </WarningNote>
    )
  if (data === undefined) return <p className="bare secondary dense">Looking for what uses {named}…</p>
  const { uses } = data
  const limits = limitsOfUses(data)
    .map((limit) => `${limit} `)
    .join('')
  const clients = 'view' in entry ? NO_CLIENTS_OF_VIEWS : <RecentClientsText table={entry} />
  if (uses.length === 0)
    return (
      <p className="bare secondary dense">
        Nothing that you may read uses this {entryKind(entry)}: no view, check, saved query, schedule or proposal.{' '}
        {limits}
        {clients}
      </p>
    )
  const possible = uses.filter(({ certainty }) => certainty === 'may-read').length
  return (
    <WarningNote>
      {countUses(uses)} {uses.length === 1 ? 'uses' : 'use'} {named}
      {possible > 0 && (possible === uses.length ? ', as far as Lakeshore knows' : `, ${possible} of them possibly`)}:{' '}
      {uses.slice(0, MAX_NAMED).map((use, i) => (
        <span key={`${use.kind} ${use.id ?? ''} ${i}`}>
          {i > 0 && ', '}
          <strong>
            <VisibleText>{usedByLabel(use, entry.catalog)}</VisibleText>
          </strong>
        </span>
      ))}
      {uses.length > MAX_NAMED && ` and ${uses.length - MAX_NAMED} more`}. {limits}
      {clients}
    </WarningNote>
  )
}

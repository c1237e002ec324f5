import type { QueryClient } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { movePendingChanges } from './pending-changes'
import { sessionQuery } from '../session/session'

/** The tray of the user follows a table to its new name; null: the table is gone. */
export function moveChanges(queryClient: QueryClient, from: TableIdentifier, to: TableIdentifier | null): void {
  const session = queryClient.getQueryData(sessionQuery().queryKey)
  if (session) movePendingChanges(session.userId, from, to)
}

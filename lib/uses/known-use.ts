import type { TableClients } from '@/lib/contract/table/clients'
import type { TableUses } from '@/lib/contract/table/uses'
import { recentClients } from './client-texts'

/**
 * Whether anything is known that finds a table or view by its name: a rename or a move breaks it, and therefore asks for
 * the typed name as a drop does.
 *
 * @param clients null for a view: its catalog does not record them
 */
export function isKnownToBeUsed(
  { uses }: Pick<TableUses, 'uses'>,
  clients: TableClients | null,
  nowMs: number,
): boolean {
  return uses.length > 0 || (clients !== null && recentClients(clients, nowMs).length > 0)
}

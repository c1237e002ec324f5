import 'server-only'
import { bulkSettings } from '@/lib/changes/intents/bulk-change'
import type { BulkTable, StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import type { BulkAction } from './bulk-action'
import { createBulkDrop } from './bulk-drop'
import { createBulkGrant } from './bulk-grant'
import { createBulkMove } from './bulk-move'
import { createBulkSettings } from './bulk-settings'
import type { ProposalServices } from '../proposals/proposable'

/**
 * The action of a change on its tables: a drop, a move and a grant are the only changes of their lists.
 *
 * @param tables all of its list
 */
export function createBulkAction(
  services: ProposalServices,
  { changes }: Pick<StoredBulkChange, 'changes'>,
  tables: readonly Pick<BulkTable, 'namespace' | 'table'>[],
): BulkAction {
  const [change] = changes
  if (change?.kind === 'drop') return createBulkDrop(services)
  if (change?.kind === 'move') return createBulkMove(services, change.toNamespace, tables)
  if (change?.kind === 'grant') return createBulkGrant(services, change)
  return createBulkSettings(services, bulkSettings(changes))
}

import 'server-only'
import { bulkSettings } from '@/lib/changes/intents/bulk-change'
import type { BulkTable, StoredBulkChange } from '@/server/db/jobs/bulk-changes'
import type { BulkAction } from './bulk-action'
import { createBulkDrop } from './bulk-drop'
import { createBulkMove } from './bulk-move'
import { createBulkSettings } from './bulk-settings'
import type { BulkServices } from './use-warnings'

/**
 * The action of a change on its tables: a drop and a move are the only changes of their lists.
 *
 * @param tables all of its list
 */
export function createBulkAction(
  services: BulkServices,
  { changes }: Pick<StoredBulkChange, 'changes'>,
  tables: readonly Pick<BulkTable, 'namespace' | 'table'>[],
): BulkAction {
  const [change] = changes
  if (change?.kind === 'drop') return createBulkDrop(services)
  if (change?.kind === 'move') return createBulkMove(services, change.toNamespace, tables)
  return createBulkSettings(services, bulkSettings(changes))
}

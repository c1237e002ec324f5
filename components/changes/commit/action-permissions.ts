import type { EntryAction } from '@/lib/contract/proposals'
import type { Permission } from '@/lib/permissions'

/** The permission on the entry that carrying out a proposed action needs. */
export const ACTION_PERMISSIONS: Readonly<Record<EntryAction['kind'], Permission>> = {
  'change-table': 'table:write',
  'rewrite-files': 'table:write',
  'delete-rows': 'table:write',
  load: 'table:write',
  'load-uploads': 'table:write',
  expire: 'table:maintain',
  publish: 'table:maintain',
  'cherry-pick': 'table:maintain',
  undo: 'table:maintain',
  'undo-expiry': 'table:maintain',
  rename: 'table:maintain',
  drop: 'table:maintain',
  'change-view': 'table:write',
  'rename-view': 'table:maintain',
  'drop-view': 'table:maintain',
  'drop-namespace': 'table:maintain',
  'relax-change-policy': 'table:maintain',
}

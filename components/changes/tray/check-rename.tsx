import { Button } from '@mantine/core'
import { renameColumns } from '@/lib/query/checks/rename-columns'
import type { Intent } from '@/lib/changes/intents/intent'
import type { PropertiesOfTable } from '@/lib/changes/intents/property-intent'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type ReaderEffect, renamedColumns } from '@/lib/uses/reader-effects'
import { putProperty } from './put-property'

type CheckRenameProps = {
  table: TableIdentifier
  effect: ReaderEffect
  intents: readonly Intent[]
  pending: Pick<PendingChanges, 'put' | 'drop'>
  detail: PropertiesOfTable
}

/** Whether {@link CheckRename} mends the reader. */
export function canRenameCheck({ table, effect, intents, detail }: Omit<CheckRenameProps, 'pending'>): boolean {
  const isKnown = detail.properties[checkProperty(effect.use.name)] !== undefined
  return isKnown && renamedColumns(table, effect, intents) !== null
}

/** Adds the new names of columns in a check of the table to the same commit, where its user sees them as a change. */
export function CheckRename({ table, effect, intents, pending, detail }: CheckRenameProps) {
  const key = checkProperty(effect.use.name)
  const rename = () => {
    const renamed = renamedColumns(table, effect, intents)
    const sql = detail.properties[key]
    if (renamed !== null && sql !== undefined) putProperty(pending, detail, key, renameColumns(sql, renamed))
  }
  return (
    <Button variant="subtle" size="compact-sm" onClick={rename}>
      Rename it too
    </Button>
  )
}

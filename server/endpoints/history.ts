import 'server-only'
import { listHistory, undoAction } from '@/lib/contract/history'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { historyOf } from '@/server/table/history'
import { undo } from '@/server/table/undo'

export const historyEndpoints = [
  serve(undoAction, async ({ auditId: entryId, ...ref }, asked) => {
    const { auditId, table } = await undo(ref, entryId, asked)
    const { currentSnapshotId } = table.metadata
    return { auditId, metadataLocation: table.metadataLocation, snapshotId: currentSnapshotId }
  }),
  serve(listHistory, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const { metadata } = await catalog.loadTable(input, { signal })
    return historyOf(metadata, input.before ?? null, actor)
  }),
]

import { undoAction } from '@/lib/contract/history'
import { serve } from '@/server/http/serve'
import { undo } from '@/server/table/undo'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(undoAction, async ({ auditId: entryId, ...ref }, asked) => {
  const { auditId, table } = await undo(ref, entryId, asked)
  const { currentSnapshotId } = table.metadata
  return { auditId, metadataLocation: table.metadataLocation, snapshotId: currentSnapshotId }
})
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')

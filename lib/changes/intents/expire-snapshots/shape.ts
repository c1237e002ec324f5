import { z } from 'zod'
import { nameText, snapshotId } from '../shapes'
import { MAX_EXPIRED_SNAPSHOTS, type ExpireSnapshots } from './words'

const MAX_REFS = 10_000
const MAX_WINDOW_MS = 365 * 24 * 60 * 60 * 1000

export const removalWindow = z.int().min(0).max(MAX_WINDOW_MS).nullable()

export const expireSnapshotsShape = z.object({
  kind: z.literal('expire-snapshots'),
  snapshotIds: z.array(snapshotId).max(MAX_EXPIRED_SNAPSHOTS).readonly(),
  refNames: z.array(nameText).max(MAX_REFS).readonly(),
  refs: z
    .array(z.object({ name: nameText, snapshotId }))
    .max(MAX_REFS)
    .readonly(),
  removeFilesAfterMs: removalWindow,
}) satisfies z.ZodType<ExpireSnapshots>

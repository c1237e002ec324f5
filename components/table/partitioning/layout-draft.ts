import type { SchemaDraft } from '@/components/table/schema/edit/schema-draft'
import { defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PartitionField } from '@/lib/iceberg/partitioning/partition-spec'

/** The layout with the changes in the tray. */
export type LayoutDraft = Pick<SchemaDraft, 'misfits' | 'problem'> & {
  partitionFields: readonly PartitionField[]
  lastPartitionId: number
}

/** Without the code of changes (`draft-code`). */
export function unchangedLayout(metadata: TableMetadata): LayoutDraft {
  const { lastPartitionId } = metadata
  return { partitionFields: defaultSpec(metadata).fields, lastPartitionId, misfits: [], problem: null }
}

export function toLayoutDraft({ draft, misfits, problem }: SchemaDraft): LayoutDraft {
  const { partitionFields, lastPartitionId } = draft
  return { partitionFields, lastPartitionId, misfits, problem }
}

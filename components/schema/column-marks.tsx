'use client'
import { MarkChip } from '@/components/about/mark-chip'
import { TagList } from '@/components/about/tag-list'
import { propertiesWithPending } from '@/components/properties/put-property'
import { useShownTable } from '@/components/tables/shown-table'
import { usePendingChanges } from '@/lib/client/pending-changes'
import { readColumnAbout } from '@/lib/iceberg/properties/column-about'

/** The mark and the tags of a column, as they would be with the changes in the tray. */
export function ColumnMarks({ fieldId }: { fieldId: number }) {
  const { table, detail } = useShownTable()
  const { intents } = usePendingChanges(table)
  const { tags, ...marked } = readColumnAbout(propertiesWithPending(detail.properties, intents), fieldId)
  return (
    <>
      <MarkChip {...marked} />
      <TagList tags={tags} />
    </>
  )
}

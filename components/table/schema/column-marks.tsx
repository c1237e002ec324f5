import { MarkChip } from '@/components/about/mark-chip'
import { TagList } from '@/components/about/tag-list'
import { readColumnAbout } from '@/lib/iceberg/properties/column-about'

type ColumnMarksProps = { fieldId: number; properties: Readonly<Record<string, string>> }

/** The mark and the tags that the properties of a table give to a column. */
export function ColumnMarks({ fieldId, properties }: ColumnMarksProps) {
  const { tags, ...marked } = readColumnAbout(properties, fieldId)
  return (
    <>
      <MarkChip {...marked} />
      <TagList tags={tags} />
    </>
  )
}

import { BadgeChip } from '@/components/about/badge-chip'
import { TagList } from '@/components/about/tag-list'
import { readColumnAbout } from '@/lib/iceberg/properties/column-about'

type ColumnMarksProps = { fieldId: number; properties: Readonly<Record<string, string>> }

/** The badge and the tags that the properties of a table give to a column. */
export function ColumnMarks({ fieldId, properties }: ColumnMarksProps) {
  const { tags, ...marked } = readColumnAbout(properties, fieldId)
  return (
    <>
      <BadgeChip {...marked} />
      <TagList tags={tags} />
    </>
  )
}

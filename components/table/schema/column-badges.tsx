import { BadgeChip } from '@/components/about/badge-chip'
import { TagList } from '@/components/about/tag-list'
import { readColumnAbout } from '@/lib/iceberg/properties/column-about'

type ColumnBadgesProps = { fieldId: number; properties: Readonly<Record<string, string>> }

/** The badge and the tags that the properties of a table give to a column. */
export function ColumnBadges({ fieldId, properties }: ColumnBadgesProps) {
  const { tags, ...badge } = readColumnAbout(properties, fieldId)
  return (
    <>
      <BadgeChip {...badge} />
      <TagList tags={tags} />
    </>
  )
}

'use client'
import { propertiesWithPending, putProperty } from '@/components/changes/tray/put-property'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { BADGE_CHOICES } from '@/components/about/badge-choices'
import { tagsProblem } from '@/lib/iceberg/properties/about'
import { columnAboutKey, readColumnAbout } from '@/lib/iceberg/properties/column-about'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TreeRow } from '../tree-rows'
import { EditField } from './edit-field'
import type { SchemaEdits } from './use-schema-edits'

/** The badge and the tags of a column that the table has. */
export function ColumnAbout({ row: { fieldId, field }, edits }: { row: TreeRow; edits: SchemaEdits }) {
  const { metadata, pending } = edits
  const { badge, tags } = readColumnAbout(propertiesWithPending(metadata.properties, pending.intents), fieldId)
  const put = (what: 'badge' | 'tags', value: string | null) =>
    putProperty(
      pending,
      { schema: currentSchema(metadata), properties: metadata.properties },
      columnAboutKey(fieldId, what),
      value,
    )
  return (
    <>
      <span className="inline-row gap-6">
        Badge
        <SegmentedChoice
          label={`Badge of ${field.name}`}
          value={badge ?? 'none'}
          options={BADGE_CHOICES}
          onChange={(next) => put('badge', next === 'none' ? null : next)}
        />
      </span>
      <span className="inline-row gap-6">
        Tags
        <EditField
          label={`Tags of ${field.name}`}
          value={tags.join(', ')}
          placeholder="separated by commas"
          onCommit={(text) => {
            const problem = tagsProblem(text)
            if (problem === null) put('tags', text.trim() || null)
            return problem
          }}
          onClose={() => undefined}
        />
      </span>
    </>
  )
}

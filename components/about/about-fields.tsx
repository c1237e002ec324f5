'use client'
import { Checkbox, TagsInput, Textarea, TextInput } from '@mantine/core'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { type About, MAX_TAG_CHARS, MAX_TAGS, parseTags } from '@/lib/iceberg/properties/about'
import { BADGE_CHOICES } from './badge-choices'
import classes from './about.module.css'

/** The description of an entry, and whether it is protected; null if it cannot be. */
export type EditedAbout = About & { isProtected: boolean | null }

const REASON_LABELS = { certified: 'Why others may rely on it', deprecated: 'What to use in its place' }

const MAX_DESCRIPTION_CHARS = 4000
const MAX_LINE_CHARS = 500

/** Fields for description, owner, tags, badge and protection. */
export function AboutFields({ value, onChange }: { value: EditedAbout; onChange: (value: EditedAbout) => void }) {
  const change = (edit: Partial<EditedAbout>) => onChange({ ...value, ...edit })
  return (
    <div className="stack gap-12">
      <Textarea
        label="Description"
        value={value.description ?? ''}
        onChange={(event) => change({ description: event.currentTarget.value })}
        maxLength={MAX_DESCRIPTION_CHARS}
        autosize
        minRows={3}
        maxRows={12}
        data-autofocus
      />
      <TextInput
        label="Owner"
        value={value.owner ?? ''}
        onChange={(event) => change({ owner: event.currentTarget.value })}
        maxLength={MAX_LINE_CHARS}
        autoComplete="off"
      />
      <TagsInput
        label="Tags"
        description="Enter or a comma ends a tag."
        value={[...value.tags]}
        // A pasted text may have several.
        onChange={(tags) => change({ tags: parseTags(tags.join(',')) })}
        splitChars={[',']}
        maxTags={MAX_TAGS}
        maxLength={MAX_TAG_CHARS}
        acceptValueOnBlur
      />
      <div className={classes.choice}>
        <span className={classes.label} aria-hidden>
          Badge
        </span>
        <SegmentedChoice
          label="Badge"
          value={value.badge ?? 'none'}
          options={BADGE_CHOICES}
          onChange={(badge) => change({ badge: badge === 'none' ? null : badge })}
        />
      </div>
      {value.badge !== null && (
        <TextInput
          label={REASON_LABELS[value.badge]}
          value={value.badgeReason ?? ''}
          onChange={(event) => change({ badgeReason: event.currentTarget.value })}
          maxLength={MAX_LINE_CHARS}
          autoComplete="off"
        />
      )}
      {value.isProtected !== null && (
        <Checkbox
          label="Protected"
          description="It cannot be dropped or renamed, in this catalog not by engines either, until this is off."
          checked={value.isProtected}
          onChange={(event) => change({ isProtected: event.currentTarget.checked })}
        />
      )}
    </div>
  )
}

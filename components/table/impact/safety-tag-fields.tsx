import { Checkbox, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import type { Intent } from '@/lib/changes/intents/intent'
import { refNameProblem, type SafetyTag } from '@/lib/changes/edits/ref-edits'
import { isSafetyTagName, safetyTagName, type SafetyTagReason } from '@/lib/changes/edits/safety-tag-name'
import { useSettled } from '@/components/ui/use-settled'
import classes from './safety-tag-fields.module.css'

const DAY_MS = 24 * 60 * 60 * 1000
const TAG_RETENTIONS = [
  { value: '7', label: 'keep 7 days' },
  { value: '30', label: 'keep 30 days' },
  { value: 'always', label: 'keep forever' },
]

type TypedTag = { isRequested: boolean; name: string; retention: string }
export type SafetyTagDraft = TypedTag & {
  /** Why the tag cannot have this name; null: it can. */
  problem: string | null
}

export function SafetyTagFields({ tag, onChange }: { tag: SafetyTagDraft; onChange: (tag: SafetyTagDraft) => void }) {
  return (
    <div className={classes.tag}>
      <Checkbox
        label="Create a safety tag on the current snapshot"
        checked={tag.isRequested}
        onChange={(event) => onChange({ ...tag, isRequested: event.currentTarget.checked })}
      />
      {tag.isRequested && (
        <div className="columns gap-8">
          <TextInput
            aria-label="Safety tag name"
            maxLength={255}
            value={tag.name}
            error={tag.problem}
            {...(isSafetyTagName(tag.name) && { description: 'The time in its name is in UTC.' })}
            inputWrapperOrder={['input', 'description', 'error']}
            onChange={(event) => onChange({ ...tag, name: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <Select
            aria-label="Safety tag retention"
            data={TAG_RETENTIONS}
            value={tag.retention}
            allowDeselect={false}
            onChange={(retention) => onChange({ ...tag, retention: retention ?? tag.retention })}
            w={130}
          />
        </div>
      )}
    </div>
  )
}

/** The user's choice for the safety tag, and the tag itself. */
export function useSafetyTag(reason: SafetyTagReason) {
  const { refs } = useShownTable().detail
  const [draft, setDraft] = useState<TypedTag>(() => ({
    isRequested: true,
    name: safetyTagName(reason, Date.now()),
    retention: '30',
  }))
  // The preview with it only shows another request, and counts files each time.
  const settledDraft = useSettled(draft)
  return {
    draft: { ...draft, problem: tagProblem(draft, refs) },
    setDraft,
    safetyTag: toSafetyTag(draft, refs),
    previewedTag: toSafetyTag(settledDraft, refs),
    /** False while `previewedTag` may be another one than `safetyTag`. */
    isSettled: settledDraft === draft,
    /** False while a tag is requested that cannot have its name. */
    isComplete: tagProblem(draft, refs) === null,
  }
}

/**
 * The planned intent with the tag that is chosen now. While the preview with another tag is fetched, the earlier one is
 * still shown.
 */
export function withSafetyTag(
  { intent, needsConfirmation }: { intent: Intent; needsConfirmation: boolean },
  safetyTag: SafetyTag | null,
): Intent {
  return 'safetyTag' in intent && needsConfirmation ? { ...intent, safetyTag } : intent
}

type Refs = ReturnType<typeof useShownTable>['detail']['refs']

function tagProblem({ isRequested, name: typed }: TypedTag, refs: Refs): string | null {
  const name = typed.trim()
  if (!isRequested) return null
  if (name === '') return 'Name the tag, or do without it.'
  const taken = refs.find((ref) => ref.name === name)
  return taken ? `The table already has a ${taken.type} ${name}.` : refNameProblem(name, 'tag')
}

/** The preview of a name that the tag cannot have would fail as a whole. */
function toSafetyTag(tag: TypedTag, refs: Refs): SafetyTag | null {
  const { isRequested, name, retention } = tag
  if (!isRequested || tagProblem(tag, refs) !== null) return null
  return { name: name.trim(), maxRefAgeMs: retention === 'always' ? null : Number(retention) * DAY_MS }
}

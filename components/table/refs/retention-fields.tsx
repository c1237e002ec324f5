'use client'
import { TextInput } from '@mantine/core'
import { formatExactDuration, parseDuration } from '@/lib/format/exact-duration'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'
import type { TableDefaults } from './table-defaults'

/** The fields as they are typed; empty: the table default. */
export type RetentionDraft = { refAge: string; minSnapshots: string; snapshotAge: string }

type RetentionFieldsProps = {
  type: 'branch' | 'tag'
  draft: RetentionDraft
  /** For `main`, which no setting expires. Other programs can give it a max ref age, which can only be removed here. */
  mainAge: { isSet: boolean; problem: string | null } | null
  defaults: TableDefaults
  onChange: (draft: RetentionDraft) => void
}

const MAX_SNAPSHOTS = 2_147_483_647

/** How long a branch or a tag is retained. For a branch, also how many snapshots and of what age. */
export function RetentionFields({ type, draft, mainAge, defaults, onChange }: RetentionFieldsProps) {
  const field = (key: keyof RetentionDraft, label: string, problem: string | null) => (
    <TextInput
      label={label}
      placeholder={defaults[key]}
      value={draft[key]}
      onChange={(event) => onChange({ ...draft, [key]: event.currentTarget.value })}
      error={problem}
      autoComplete="off"
    />
  )
  return (
    <>
      {mainAge?.isSet !== false &&
        field('refAge', `Keep the ${type} for`, durationProblem(draft.refAge) ?? mainAge?.problem ?? null)}
      {type === 'branch' && (
        <>
          {field('minSnapshots', 'Keep at least this many snapshots', countProblem(draft.minSnapshots))}
          {field('snapshotAge', 'Keep snapshots for', durationProblem(draft.snapshotAge))}
        </>
      )}
    </>
  )
}

/** The fields of a ref; empty ones without a ref. */
export function draftOfRetention(ref: RefRetention | null): RetentionDraft {
  const duration = (ms: number | null | undefined) => (typeof ms === 'number' ? formatExactDuration(String(ms)) : '')
  return {
    refAge: duration(ref?.maxRefAgeMs),
    minSnapshots: typeof ref?.minSnapshotsToKeep === 'number' ? String(ref.minSnapshotsToKeep) : '',
    snapshotAge: duration(ref?.maxSnapshotAgeMs),
  }
}

/** Null when a field has another text than a duration or a number. */
export function parseRetention(draft: RetentionDraft, type: 'branch' | 'tag'): RefRetention | null {
  const { refAge, minSnapshots, snapshotAge } = draft
  const problems = [durationProblem(refAge), countProblem(minSnapshots), durationProblem(snapshotAge)]
  if (problems.some((problem) => problem !== null)) return null
  return {
    minSnapshotsToKeep: type === 'tag' || minSnapshots.trim() === '' ? null : Number(minSnapshots),
    maxSnapshotAgeMs: type === 'tag' ? null : durationMs(snapshotAge),
    maxRefAgeMs: durationMs(refAge),
  }
}

function durationMs(text: string): number | null {
  if (text.trim() === '') return null
  // Thousands have commas in what the field shows at first.
  const digits = parseDuration(text.replaceAll(',', ''))
  return digits === null ? null : Number(digits)
}

function durationProblem(text: string): string | null {
  if (text.trim() === '') return null
  const ms = durationMs(text)
  return ms !== null && ms > 0 && Number.isSafeInteger(ms) ? null : 'should be a duration, such as 7 days or 12 h'
}

function countProblem(text: string): string | null {
  if (text.trim() === '') return null
  const isCount = /^\s*\d{1,10}\s*$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_SNAPSHOTS
  return isCount ? null : 'should be a whole number of at least 1'
}

import { Autocomplete, ComboboxChevron, Textarea } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { ExactTime } from '@/components/ui/values/exact-time'
import type { TableDefaults } from '@/components/table/refs/table-defaults'
import { parseSnapshotIds } from './snapshot-ids'
import {
  ageSuggestions,
  draftProblems,
  type ExpiryDraft,
  KEPT_COUNTS,
  MAX_IDS_IN_ADDRESS,
  WINDOWS,
} from './expiry-choice'
import classes from './expiry-panel.module.css'

type ExpiryFieldsProps = {
  draft: ExpiryDraft
  /** The server's objection to some of the ids. */
  idsProblem: string | null
  /** The meaning of an empty field. */
  defaults: Pick<TableDefaults, 'snapshotAge' | 'minSnapshots'>
  onChange: (draft: ExpiryDraft) => void
}

/** Chooses what expires, by age and number or by snapshot, and when its files are deleted. */
export function ExpiryFields({ draft, idsProblem, defaults, onChange }: ExpiryFieldsProps) {
  const problems = draftProblems(draft)
  return (
    <div className={classes.fields}>
      <div className={classes.by}>
        <SegmentedChoice
          label="Choose snapshots"
          value={draft.by}
          options={[
            { value: 'age', label: 'By age and number' },
            { value: 'ids', label: 'By id' },
          ]}
          onChange={(by) => onChange({ ...draft, by })}
        />
      </div>
      {draft.by === 'ids' ? (
        <SnapshotIdsField
          text={draft.ids}
          problem={problems.ids ?? idsProblem}
          onChange={(ids) => onChange({ ...draft, ids })}
        />
      ) : (
        <>
          {draft.beforeMs !== null ? (
            <p className={classes.subject}>
              Older than <ExactTime atMs={draft.beforeMs} />
            </p>
          ) : (
            <SuggestingField
              label="Older than"
              whenEmpty={defaults.snapshotAge}
              suggestions={ageSuggestions(draft.age)}
              value={draft.age}
              problem={problems.age}
              onChange={(age) => onChange({ ...draft, age })}
            />
          )}
          <SuggestingField
            label="Keep of each branch"
            whenEmpty={defaults.minSnapshots}
            suggestions={KEPT_COUNTS}
            value={draft.keep}
            problem={problems.keep}
            onChange={(keep) => onChange({ ...draft, keep })}
          />
          <p className={classes.subject}>Unreferenced snapshots expire by age alone.</p>
        </>
      )}
      <LazySelect
        label="Remove files"
        data={WINDOWS}
        value={draft.window}
        allowDeselect={false}
        onChange={(window) => window !== null && onChange({ ...draft, window })}
      />
    </div>
  )
}

type SuggestingFieldProps = {
  label: string
  /** The placeholder and the first suggestion. */
  whenEmpty: string
  suggestions: readonly string[]
  value: string
  problem: string | null
  onChange: (value: string) => void
}

/** Any text, or one of the suggestions. */
function SuggestingField({ label, whenEmpty, suggestions, value, problem, onChange }: SuggestingFieldProps) {
  // A bare number is about to get its unit.
  const offered = /^\s*\d+\s*$/.test(value) ? [...suggestions] : [whenEmpty, ...suggestions]
  return (
    <Autocomplete
      label={label}
      placeholder={whenEmpty}
      // The list would cover the problem of the text unless it offers the missing unit.
      data={problem === null || suggestions.some((one) => one.startsWith(value)) ? offered : []}
      // All of them, also when one is chosen.
      filter={({ options }) => options}
      openOnFocus={false}
      value={value}
      error={problem}
      onChange={(text) => onChange(text === whenEmpty ? '' : text)}
      rightSection={<ComboboxChevron />}
      rightSectionPointerEvents="none"
      autoComplete="off"
      spellCheck={false}
      maxLength={100}
    />
  )
}

type SnapshotIdsFieldProps = { text: string; problem: string | null; onChange: (text: string) => void }

function SnapshotIdsField({ text, problem, onChange }: SnapshotIdsFieldProps) {
  const parsed = parseSnapshotIds(text)
  const isTooLong = 'ids' in parsed && parsed.ids.length > MAX_IDS_IN_ADDRESS
  return (
    <Textarea
      className={classes.ids}
      label="Snapshot ids"
      description={`Separated by spaces, commas or lines. They expire whatever their age.${isTooLong ? ` The address of this page has no more than ${MAX_IDS_IN_ADDRESS} ids, so it has none of these.` : ''}`}
      value={text}
      error={problem}
      onChange={(event) => onChange(event.currentTarget.value)}
      rows={4}
      resize="vertical"
      autoComplete="off"
      spellCheck={false}
    />
  )
}

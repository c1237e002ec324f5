'use client'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useShownTable } from '@/components/table/frame/shown-table'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { refQuery } from '@/lib/client/table/refs'
import type { RefDetail } from '@/lib/contract/table/refs'
import type { TableDetail } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { mainAgeProblem, refNameProblem } from '@/lib/changes/edits/ref-edits'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import classes from './ref-form-panel.module.css'
import { RetentionImpact } from './retention-impact'
import { draftOfRetention, parseRetention, RetentionFields } from './retention-fields'
import { tableDefaults } from './table-defaults'
import type { RefForm } from './use-snapshot-panels'

type RefFormPanelProps = {
  form: RefForm
  /** The snapshot of a new branch or tag, otherwise the name of the ref. */
  of: string
  onClose: () => void
}

const TITLES: Record<RefForm, string> = {
  branch: 'New branch',
  tag: 'New tag',
  rename: 'Rename',
  retention: 'Retention',
}

/** Creates a branch or a tag, renames one or changes its retention. The change joins the pending ones. */
export function RefFormPanel({ form, of, onClose }: RefFormPanelProps) {
  const { table } = useShownTable()
  const isNew = form === 'branch' || form === 'tag'
  const query = useQuery({ ...refQuery(table, of), enabled: !isNew })
  const known = query.data ?? null
  const problem = query.error ?? (query.isSuccess && known === null ? missingRefError(of) : null)
  return (
    <ActionPanel
      title={isNew ? TITLES[form] : `${TITLES[form]}: ${of}`}
      entry={table}
      query={isNew ? null : { ...query, error: problem }}
      skeleton={[3, 1, 'Reading branches and tags']}
      problem={
        problem === query.error ? {} : { back: { label: 'Back to the snapshots', onBack: onClose }, isFinal: true }
      }
      action={null}
      onClose={onClose}
    >
      {(isNew || query.isSuccess) && problem === null && (
        <RefFields key={`${form} ${of}`} form={form} of={of} known={known} onClose={onClose} />
      )}
    </ActionPanel>
  )
}

type RefFieldsProps = RefFormPanelProps & { known: RefDetail | null }

function RefFields({ form, of, known, onClose }: RefFieldsProps) {
  const { table, detail } = useShownTable()
  const { intents, put, drop } = usePendingChanges(table, detail)
  const renamed = intents.find((one) => one.kind === 'rename-ref' && one.refName === of)
  const [typedName, setName] = useState(() =>
    form !== 'rename' ? '' : renamed?.kind === 'rename-ref' ? renamed.name : of,
  )
  const name = typedName.trim()
  const retained = intents.find((one) => one.kind === 'set-ref-retention' && one.refName === of)
  // This form's earlier change, which it discards when its fields match the table again.
  const pending = form === 'rename' ? renamed : form === 'retention' ? retained : undefined
  const [draft, setDraft] = useState(() =>
    draftOfRetention(retained?.kind === 'set-ref-retention' ? retained.retention : known),
  )
  const type = known?.type ?? (form === 'branch' ? 'branch' : 'tag')
  const retention = parseRetention(draft, type)
  const ageProblem =
    form === 'retention' && known && retention ? mainAgeProblem(of, known.maxRefAgeMs, retention.maxRefAgeMs) : null
  const isSame = form === 'rename' && name === of
  const nameProblem =
    form === 'retention' || isSame || name === ''
      ? null
      : (refNameProblem(name, type) ?? takenName(name, of, detail.refs, intents))
  const isUnchanged = isSame && pending === undefined
  const canAdd =
    retention !== null &&
    ageProblem === null &&
    (form === 'retention' || (name !== '' && nameProblem === null && !isUnchanged))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!canAdd) return
    const intent = toIntent({ form, of, known, name, retention })
    if (intent !== null) put(intent)
    else if (pending) drop(intentTarget(pending))
    onClose()
  }
  return (
    <form className="stack gap-12" onSubmit={submit}>
      {known === null && (
        <p className={classes.at}>
          At snapshot <code>{of}</code>
        </p>
      )}
      {form !== 'retention' && (
        <TextInput
          label="Name"
          value={typedName}
          onChange={(event) => setName(event.currentTarget.value)}
          error={nameProblem}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      )}
      {form === 'rename' ? (
        <p className={classes.at}>
          Statements that name <strong>{of}</strong> fail afterwards. Its snapshot and its retention stay.
        </p>
      ) : (
        <RetentionFields
          type={type}
          draft={draft}
          mainAge={
            form === 'retention' && of === MAIN_BRANCH
              ? { isSet: (known?.maxRefAgeMs ?? null) !== null, problem: ageProblem }
              : null
          }
          defaults={tableDefaults(detail.properties)}
          onChange={setDraft}
        />
      )}
      <div className="columns gap-8 to-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="default" disabled={!canAdd}>
          Add to changes
        </Button>
      </div>
      <p className={classes.note}>Review it at the bottom of the page, with your other changes.</p>
      {retention !== null && (
        <RetentionImpact
          table={table}
          requested={{ refName: known === null ? null : of, type, snapshotId: known?.snapshotId ?? of, retention }}
        />
      )}
    </form>
  )
}

/** Why the name cannot be taken; null if it can. */
function takenName(name: string, of: string, refs: TableDetail['refs'], intents: readonly Intent[]): string | null {
  const taken = refs.find((ref) => ref.name === name)
  if (taken) return `The table already has a ${taken.type} ${name}.`
  const isInTray = intents.some(
    (one) =>
      (one.kind === 'create-ref' && one.refName === name) ||
      (one.kind === 'rename-ref' && one.refName !== of && one.name === name),
  )
  return isInTray ? `${name} is among the changes that are not committed yet.` : null
}

type Filled = Pick<RefFieldsProps, 'form' | 'of' | 'known'> & {
  name: string
  retention: NonNullable<ReturnType<typeof parseRetention>>
}

/** Null when there is nothing to change. */
function toIntent({ form, of, known, name, retention }: Filled): Intent | null {
  if (form === 'branch' || form === 'tag') {
    return { kind: 'create-ref', refName: name, type: form, snapshotId: of, retention }
  }
  if (known === null) return null
  if (form === 'rename')
    return name === of ? null : { kind: 'rename-ref', refName: of, snapshotId: known.snapshotId, name }
  const { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs } = known
  const base = { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }
  return JSON.stringify(base) === JSON.stringify(retention)
    ? null
    : { kind: 'set-ref-retention', refName: of, retention, base }
}

function missingRefError(refName: string): AppError {
  return new AppError('not-found', `The table has no branch or tag ${refName}.`, { facts: { refName } })
}

'use client'
import { Autocomplete, Button, NumberInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CommitRequest } from '@/components/changes/action/commit-request'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import { useIdempotencyKey } from '@/components/changes/commit/use-idempotency-key'
import { Unloaded } from '@/components/shell/unloaded'
import { parseNamespace } from '@/components/table/lifecycle/parse-namespace'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useSettled } from '@/components/ui/use-settled'
import { useKnownCatalog } from '@/lib/client/catalogs'
import { useRepeatResult, useSaveResult } from '@/lib/client/jobs/saved-results'
import { useEntryNames } from '@/components/shell/use-entry-names'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { useHasPermission } from '@/lib/client/session/permissions'
import { tableQuery } from '@/lib/client/table/tables'
import { incrementalProblem } from '@/lib/ingest/incremental-table'
import { APPEND_TO_MAIN, type LoadOperation, losesRows } from '@/lib/ingest/load-landing'
import { entryLabel, entryLabelInCatalog, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { QueryRequest, QueryResult } from '@/lib/query/engine'
import { savedNameProblem } from '@/lib/query/saved-columns'
import { RepeatFields } from './repeat-fields'
import { useRepeat } from './repeat-form'
import { type SaveTarget, saveResultPath, toSavedResult } from './save-request'
import classes from './save-result.module.css'
import { columnProblem, CreatedColumns, FilledColumns } from './saved-columns'

const TARGETS = [
  { value: 'new', label: 'New table' },
  { value: 'existing', label: 'Existing table' },
] as const
const OPERATIONS: readonly { value: LoadOperation; label: string }[] = [
  { value: 'append', label: 'Append' },
  { value: 'replace-partitions', label: 'Replace partitions' },
  { value: 'upsert', label: 'Upsert by key' },
  { value: 'replace-table', label: 'Replace all rows' },
]

export type SaveResultProps = {
  /** The statement as it was run. */
  request: QueryRequest
  result: Pick<QueryResult, 'columns' | 'tablesRead'>
  connections: readonly string[]
  onClose: () => void
}

/** Saves the result of a query as rows of a table: a run on the server runs the statement again, and writes all its rows. */
export function SaveResultPanel({ request, result, connections, onClose }: SaveResultProps) {
  const form = useTarget(request, result)
  const { table, target, detail, isSettled } = form
  const router = useRouter()
  const save = useSaveResult()
  const saveRepeated = useRepeatResult()
  const repeat = useRepeat(request, result, table)
  const landing = target.kind === 'new' ? APPEND_TO_MAIN : target.landing
  const saved = toSavedResult(request, result.columns, target)
  const repeated =
    repeat.start === null
      ? null
      : { ...saved, name: repeat.name.trim(), ...repeat.start, incremental: repeat.incremental }
  const body = repeated ?? saved
  const [idempotencyKey, renewKey] = useIdempotencyKey([table, body])
  const saveProblem = useSaveProblem(form, result)
  const problem =
    saveProblem ?? (repeat.start === null ? null : (incrementalProblem(repeat.incremental, landing) ?? repeat.problem))
  const start = (confirmedName?: string) => {
    const confirmed = { table, idempotencyKey, ...(confirmedName !== undefined && { confirmedName }) }
    if (repeated === null)
      return save.mutate(
        { ...saved, ...confirmed },
        { onSuccess: ({ run }) => router.push(paths.run(run.id)), onError: renewKey },
      )
    saveRepeated.mutate(
      { ...repeated, ...confirmed, runsNow: repeat.runsNow },
      { onSuccess: ({ run }) => router.push(run === null ? paths.jobs() : paths.run(run.id)), onError: renewKey },
    )
  }
  const isComplete = isSettled && problem === null && repeat.isComplete && (target.kind === 'new' || detail.isSuccess)
  const failure = save.error ?? saveRepeated.error
  return (
    <SidePanel
      title="Save result as table"
      subtitle="Nothing is saved yet"
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <SaveFooter
          {...{ table, target, isComplete, onClose }}
          isPending={save.isPending || saveRepeated.isPending}
          onSave={start}
        />
      }
    >
      <div className={classes.body}>
        {failure && <ProblemNote error={failure} title="The run was not started" unchanged="No table was changed." />}
        <SegmentedChoice label="Target" value={target.kind} options={TARGETS} onChange={form.changeKind} />
        <TargetFields form={form} connections={connections} />
        {target.kind === 'existing' && form.isNamed && !detail.isSuccess && (
          <Unloaded query={detail} subject={entryLabel(table)} skeleton={[3, 2, 'Reading the table']} />
        )}
        <RepeatFields form={repeat} sql={request.sql} operation={landing.operation} />
        {problem !== null && <WarningNote isLive>{problem}</WarningNote>}
        {target.kind === 'new' ? (
          <CreatedColumns columns={result.columns} />
        ) : (
          detail.data && <FilledColumns columns={result.columns} detail={detail.data} />
        )}
        <p className="bare secondary dense">
          A run on the server runs the statement again with your permissions, and saves all its rows as one snapshot,
          not only the rows shown here.
        </p>
        {form.isNamed && (
          <CommitRequest
            title="The request"
            path={saveResultPath(table, repeated !== null)}
            body={JSON.stringify(body, null, 1)}
          />
        )}
      </div>
    </SidePanel>
  )
}

type TargetForm = ReturnType<typeof useTarget>

/** The table that the user names, and what is known about it. */
function useTarget({ connection }: Pick<QueryRequest, 'connection'>, { tablesRead }: Pick<QueryResult, 'tablesRead'>) {
  const [first] = tablesRead
  const [kind, changeKind] = useState<SaveTarget['kind']>('new')
  const [catalog, setCatalog] = useState(first?.identifier.catalog ?? connection)
  const [namespaceText, setNamespaceText] = useState(first ? namespaceLabel(first.identifier.namespace) : '')
  const [name, setName] = useState('')
  const [landing, setLanding] = useState(APPEND_TO_MAIN)
  const [maxRejectedRows, setMaxRejectedRows] = useState<number | null>(null)
  const [partitionBy, setPartitionBy] = useState('')
  const { namespaces } = useKnownNamespaces(
    { catalog, parent: null },
    { typed: namespaceText, enabled: catalog !== '' },
  )
  const known = [...(first ? [first.identifier.namespace] : []), ...namespaces]
  const table: TableIdentifier = { catalog, namespace: parseNamespace(namespaceText, known), table: name.trim() }
  const settled = useSettled(JSON.stringify(table))
  const isSettled = settled === JSON.stringify(table)
  const isNamed = table.table !== '' && table.namespace.every((level) => level !== '')
  const isExisting = kind === 'existing'
  const hasNamespace = table.namespace.every((level) => level !== '')
  const tables = useEntryNames('table', table, { typed: name, enabled: isExisting && isSettled && hasNamespace })
  const detail = useQuery({ ...tableQuery(table, {}), enabled: isExisting && isSettled && isNamed })
  const target: SaveTarget = isExisting ? { kind, landing, maxRejectedRows } : { kind: 'new', partitionBy }
  return {
    table,
    target,
    detail,
    isSettled,
    isNamed,
    changeKind,
    fields: {
      catalog,
      setCatalog,
      namespaceText,
      setNamespaceText,
      name,
      setName,
      setLanding,
      setMaxRejectedRows,
      setPartitionBy,
    },
    suggestions: {
      namespaces: [...new Set(known.map(namespaceLabel))],
      tables: isExisting ? [...tables.names] : [],
    },
  }
}

/** Why the result cannot be saved like this, in a sentence; null if no reason is known. */
function useSaveProblem(
  { table, target, detail, isNamed }: TargetForm,
  { columns }: Pick<QueryResult, 'columns'>,
): string | null {
  const canWrite = useHasPermission('table:write', table)
  const { reason } = useCommitBlocker(table)
  const nameProblem = savedNameProblem(columns)
  if (nameProblem !== null) return nameProblem
  if (!isNamed) return null
  if (canWrite === false) return `You may not write ${entryLabel(table)}. Choose another table.`
  if (target.kind === 'new') return null
  if (reason !== null)
    return `Changes of tables in ${namespaceLabel(table.namespace)} need two people. Save the result as a new table, or export it as Parquet and propose a load of the file.`
  if (!detail.data) return null
  const lacksKey = target.landing.operation === 'upsert' && detail.data.schema.identifierFieldIds.length === 0
  return lacksKey
    ? 'Upserts need identifier fields, which are set on the page Schema of the table.'
    : columnProblem(columns, detail.data)
}

function TargetFields({ form, connections }: { form: TargetForm; connections: readonly string[] }) {
  const { target, fields, suggestions } = form
  return (
    <>
      {connections.length > 1 && (
        <LazySelect
          label="Catalog"
          data={[...connections]}
          value={fields.catalog}
          allowDeselect={false}
          onChange={(value) => value !== null && fields.setCatalog(value)}
        />
      )}
      <Autocomplete
        label="Namespace"
        description={
          target.kind === 'new'
            ? 'Levels are separated by dots. It is created if it does not exist.'
            : 'Levels are separated by dots.'
        }
        data={suggestions.namespaces}
        value={fields.namespaceText}
        onChange={fields.setNamespaceText}
        limit={50}
        spellCheck={false}
      />
      <Autocomplete
        label="Table"
        data={suggestions.tables}
        value={fields.name}
        onChange={fields.setName}
        limit={50}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      {target.kind === 'new' ? (
        <TextInput
          label="Partition by"
          description="Optional, such as month(ts), bucket(16, id)."
          value={target.partitionBy}
          onChange={({ currentTarget }) => fields.setPartitionBy(currentTarget.value)}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
        />
      ) : (
        <>
          <LazySelect
            label="Operation"
            data={[...OPERATIONS]}
            value={target.landing.operation}
            allowDeselect={false}
            onChange={(value) => value !== null && fields.setLanding({ ...target.landing, operation: value })}
          />
          <TextInput
            label="Branch"
            description="A new branch starts from main."
            placeholder="main"
            value={target.landing.branch ?? ''}
            maxLength={255}
            onChange={({ currentTarget }) =>
              fields.setLanding({ ...target.landing, branch: currentTarget.value.trim() || null })
            }
          />
          <NumberInput
            label="Rejected rows that do not stop the run"
            description="Rows that do not fit, or break a rule of the table. They are left out and listed with the reason."
            placeholder="0"
            value={target.maxRejectedRows ?? ''}
            min={0}
            max={Number.MAX_SAFE_INTEGER}
            allowDecimal={false}
            thousandSeparator=","
            onChange={(value) => fields.setMaxRejectedRows(typeof value === 'number' ? Math.max(0, value) : null)}
          />
        </>
      )}
    </>
  )
}

/** Starts the run, after the name of the table was typed if rows are lost. */
function SaveFooter({
  table,
  target,
  isComplete,
  isPending,
  onSave,
  onClose,
}: {
  table: TableIdentifier
  target: SaveTarget
  isComplete: boolean
  isPending: boolean
  onSave: (confirmedName?: string) => void
  onClose: () => void
}) {
  const { hasOthers } = useKnownCatalog(table.catalog)
  const typedName = hasOthers ? entryLabelInCatalog(table) : entryLabel(table)
  if (target.kind === 'existing' && losesRows(target.landing) && isComplete)
    return (
      <DangerConfirm
        key={typedName}
        name={typedName}
        action="Save and replace"
        isPending={isPending}
        onConfirm={() => onSave(typedName)}
        onCancel={onClose}
      />
    )
  return (
    <div className="columns gap-8 to-end">
      <Button variant="default" onClick={onClose} disabled={isPending}>
        Cancel
      </Button>
      <WaitingButton
        disabled={!isComplete || table.table === '' || (target.kind === 'existing' && losesRows(target.landing))}
        loading={isPending}
        onClick={() => onSave()}
      >
        Save as table
      </WaitingButton>
    </div>
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { CodeBlock } from '@/components/ui/values/code-block'
import { Mono } from '@/components/ui/values/mono'
import { viewQuery } from '@/lib/client/views'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { entryLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewEdit, ViewPropertyChange } from '@/lib/changes/view-edits/view-edit'
import { VersionChanges } from '@/components/views/edit/version-changes'
import { sqlsOf } from '@/components/views/edit/use-view-form'
import { Lookups } from '@/components/views/lookup-changes'
import { VersionDifferences } from '@/components/views/version-differences'

/** How a view would differ after an edit, from the version that the edit began with. */
export function ProposedEdit({ view, edit }: { view: ViewIdentifier; edit: ViewEdit }) {
  const query = useQuery({ ...viewQuery(view), enabled: edit.kind !== 'properties' })
  if (edit.kind === 'properties')
    return <DataTable label="Properties" columns={COLUMNS} rows={edit.changes} rowKey={({ name }) => name} stacks />
  if (query.data) return <ProposedVersion detail={query.data} edit={edit} />
  return <Unloaded query={query} subject={entryLabel(view)} skeleton={[6, 2, 'Reading the view']} />
}

type ProposedVersionProps = { detail: ViewDetail; edit: Exclude<ViewEdit, { kind: 'properties' }> }

function ProposedVersion({ detail, edit }: ProposedVersionProps) {
  const find = (requested: number): ViewVersion | null =>
    detail.versions.find(({ versionId }) => versionId === requested) ?? null
  const base = find(edit.baseVersionId)
  if (edit.kind === 'roll-back') {
    const target = find(edit.versionId)
    return base && target ? <VersionDifferences detail={detail} before={base} after={target} /> : <NoVersion />
  }
  if (base) {
    const retained = sqlsOf(base).filter(({ dialect }) => edit.retainedDialects.includes(dialect))
    const draft = { ...edit, representations: [...retained, ...edit.representations] }
    return <VersionChanges detail={detail} base={base} draft={draft} />
  }
  return (
    <>
      <NoVersion />
      {edit.representations.map(({ dialect, sql }) => (
        <CodeBlock key={dialect} label={`SQL in ${dialect}`}>
          {sql}
        </CodeBlock>
      ))}
      <Lookups defaults={edit} />
    </>
  )
}

/** Views keep ten versions by default. */
function NoVersion() {
  return <p>The view no longer has the version that this was written for, so there is nothing to compare it with.</p>
}

const COLUMNS: readonly Column<ViewPropertyChange>[] = [
  { id: 'name', header: 'Property', weight: 'name', cell: ({ name }) => <Mono title={name}>{name}</Mono> },
  { id: 'before', header: 'Before', cell: ({ base }) => <Value value={base} /> },
  { id: 'after', header: 'After', cell: ({ value }) => <Value value={value} /> },
]

function Value({ value }: { value: string | null }) {
  return value === null ? 'not set' : <Mono title={value}>{value}</Mono>
}

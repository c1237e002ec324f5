'use client'
import { Panel } from '@/components/ui/panel'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import type { ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { compareDefaults } from '@/lib/changes/view-edits/compare-defaults'
import { LookupChanges } from '../lookup-changes'
import { SchemaDiff } from '../schema-diff'
import { SqlDiff } from '../sql-diff'
import { sqlsOf } from './use-view-form'
import classes from './view-form.module.css'

type VersionChangesProps = { detail: ViewDetail; base: ViewVersion; draft: ViewVersionDraft }

/** The changes of the new version, compared with the version before. */
export function VersionChanges({ detail, base, draft }: VersionChangesProps) {
  const before = sqlsOf(base)
  const dialects = [...new Set([...before, ...draft.representations].map(({ dialect }) => dialect))]
  const changed = dialects.flatMap((dialect) => {
    const [old = '', now = ''] = [before, draft.representations].map(
      (side) => side.find((one) => one.dialect === dialect)?.sql,
    )
    return old === now ? [] : [{ dialect, old, now }]
  })
  const schema = detail.schemas.find(({ schemaId }) => schemaId === base.schemaId)
  const isSqlUnchanged = changed.length === 0
  return (
    <Panel title="What changes" subtitle={`since version ${base.versionId}`}>
      <div className={classes.diffs}>
        {isSqlUnchanged && compareDefaults(base, draft).length === 0 && (
          <p className={classes.notes}>The SQL stays as it is.</p>
        )}
        {changed.map(({ dialect, old, now }) => (
          <section key={dialect}>
            <h3>{dialect}</h3>
            <SqlDiff before={old} after={now} label={`Change of the SQL, ${dialect}`} />
          </section>
        ))}
        <LookupChanges before={base} after={draft} isSqlUnchanged={isSqlUnchanged} />
        <section>
          <h3>Columns</h3>
          <SchemaDiff before={schema?.fields ?? []} after={draft.schema.fields} label="Change of the columns" />
        </section>
      </div>
    </Panel>
  )
}

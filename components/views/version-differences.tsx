import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { sqlsOf } from './edit/use-view-form'
import classes from './edit/view-form.module.css'
import { LookupChanges } from './lookup-changes'
import { SchemaDiff } from './schema-diff'
import { SqlDiff } from './sql-diff'

/** How two versions of a view differ: their SQL, where its names are looked up, and their columns. */
export function VersionDifferences({
  detail,
  before,
  after,
}: {
  detail: ViewDetail
  before: ViewVersion
  after: ViewVersion
}) {
  const [old, now] = [sqlsOf(before), sqlsOf(after)]
  const dialects = [...new Set([...old, ...now].map(({ dialect }) => dialect))]
  const fieldsOf = ({ schemaId }: ViewVersion) => detail.schemas.find((one) => one.schemaId === schemaId)?.fields ?? []
  const sqlIn = (side: typeof old, dialect: string) => side.find((one) => one.dialect === dialect)?.sql ?? ''
  const isSqlUnchanged = dialects.every((dialect) => sqlIn(old, dialect) === sqlIn(now, dialect))
  return (
    <div className={classes.diffs}>
      {dialects.map((dialect) => (
        <section key={dialect}>
          <h3>{dialect}</h3>
          <SqlDiff
            before={sqlIn(old, dialect)}
            after={sqlIn(now, dialect)}
            label={`From version ${before.versionId} to ${after.versionId}, ${dialect}`}
          />
        </section>
      ))}
      <LookupChanges before={before} after={after} isSqlUnchanged={isSqlUnchanged} />
      {before.schemaId !== after.schemaId && (
        <SchemaDiff before={fieldsOf(before)} after={fieldsOf(after)} label="Columns" />
      )}
    </div>
  )
}

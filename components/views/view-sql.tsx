'use client'
import { Button } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { LookupChanges } from './lookup-changes'
import type { ShownVersion } from './use-shown-version'
import { queryButtonLook } from './query-button-look'
import type { ViewQueryButtonProps } from './view-query-button'
import classes from './view-sql.module.css'

const LazySplitSqlDiff = lazyComponent(async () => (await import('./sql-diff')).SplitSqlDiff)

/**
 * The parser behind the colours is not loaded with the page. A page that is loaded has the colours nevertheless, because
 * the server renders them. Without the parser the text is shown in one colour.
 */
const LazySqlText = lazy(() =>
  import('@/components/query/editor/sql-text').then(
    ({ SqlText }) => ({ default: SqlText }),
    () => ({ default: PlainSqlText }),
  ),
)

/** Reads the SQL for the names in it, with a parser that is not loaded with the page. */
const LazyQueryButton = lazyComponent<ViewQueryButtonProps>(
  async () => (await import('./view-query-button')).ViewQueryButton,
  { loading: ({ dialect }) => <Button disabled {...queryButtonLook(dialect)} /> },
)

type ViewSqlProps = { view: ViewIdentifier; detail: ViewDetail; shown: ViewVersion; version: ShownVersion }

/** The SQL of a version in one dialect, alone or as a diff with another version. */
export function ViewSql({ view, detail, shown, version }: ViewSqlProps) {
  const { dialect, against } = version
  const dialects = shown.representations.flatMap((representation) =>
    representation.type === 'sql' ? [representation.dialect] : [],
  )
  const others = shown.representations.flatMap((representation, index) =>
    representation.type === 'other' ? [{ ...representation, index }] : [],
  )
  const sql = dialect === null ? null : findSql(shown, dialect)
  const comparable = detail.versions.filter(
    ({ versionId, representations }) =>
      versionId !== shown.versionId &&
      representations.some((representation) => representation.type === 'sql' && representation.dialect === dialect),
  )
  const before = against && dialect !== null ? findSql(against, dialect) : null
  return (
    <>
      <Panel
        title="SQL"
        {...(dialects.length === 1 && { subtitle: dialect })}
        actions={
          sql !== null && (
            <>
              {dialects.length > 1 && dialect !== null && (
                <SegmentedChoice
                  label="Dialect"
                  value={dialect}
                  options={dialects.map((value) => ({ value, label: value }))}
                  onChange={version.showDialect}
                />
              )}
              {dialect !== null && <LazyQueryButton view={view} version={shown} sql={sql} dialect={dialect} />}
              <CopyButton value={sql} label="SQL" />
            </>
          )
        }
      >
        {sql === null || dialect === null ? (
          <p className="bare secondary">This version has no SQL.</p>
        ) : before === null ? (
          <CodeBlock label={`SQL, ${dialect}`} className={classes.sql}>
            <Suspense fallback={sql}>
              <LazySqlText sql={sql} dialect={dialect} />
            </Suspense>
          </CodeBlock>
        ) : (
          <LazySplitSqlDiff
            before={before}
            after={sql}
            label={`SQL, ${dialect}, compared with version ${against?.versionId}`}
          />
        )}
        {against !== null && (
          <div className={classes.lookups}>
            <LookupChanges before={against} after={shown} isSqlUnchanged={before !== null && before === sql} />
          </div>
        )}
        {comparable.length > 0 && (
          <div className={classes.compare}>
            <LazySelect
              label="Compare with"
              placeholder="Select a version"
              size="xs"
              clearable
              clearButtonProps={{ 'aria-label': 'Clear comparison' }}
              data={comparable.map(({ versionId }) => ({ value: String(versionId), label: `version ${versionId}` }))}
              value={before === null ? null : String(against?.versionId)}
              onChange={(value) => version.compareWith(value === null ? null : Number(value))}
            />
          </div>
        )}
      </Panel>
      {others.map(({ kind, json, index }) => (
        <Panel
          key={index}
          title="Not SQL"
          subtitle={`unknown kind: ${kind}`}
          actions={<CopyButton value={json} label="representation" />}
        >
          <CodeBlock label={`Representation of kind ${kind}`} className={classes.sql}>
            {json}
          </CodeBlock>
        </Panel>
      ))}
    </>
  )
}

function PlainSqlText({ sql }: { sql: string; dialect: string }) {
  return sql
}

function findSql({ representations }: ViewVersion, dialect: string): string | null {
  for (const representation of representations)
    if (representation.type === 'sql' && representation.dialect === dialect) return representation.sql
  return null
}

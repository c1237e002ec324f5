'use client'
import { Button, Input, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { EditorFrame } from '@/components/query/editor/editor-frame'
import { LazySqlEditor } from '@/components/query/editor/lazy-sql-editor'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Problems } from '@/components/explore/new-table/draft-columns-panel'
import type { ViewProblem } from '@/lib/changes/view-edits/view-draft'
import type { FormSql, ViewForm } from './use-view-form'
import classes from './view-form.module.css'

/** The names that engines give to their SQL in views. */
const DIALECTS = ['spark', 'trino', 'duckdb', 'flink', 'hive', 'presto', 'impala', 'dremio', 'snowflake', 'bigquery']

type SqlPanelProps = { form: ViewForm; problems: readonly ViewProblem[] }

/** The SQL of each dialect, one open at a time, and where its names are looked up. */
export function SqlPanel({ form, problems }: SqlPanelProps) {
  const { fields, open, change } = form
  const unused = DIALECTS.find((dialect) => !fields.sqls.some((one) => one.dialect.toLowerCase() === dialect))
  const index = open === null ? -1 : fields.sqls.indexOf(open)
  const problemsOf = (kind: 'dialect' | 'sql') =>
    problems.filter(({ part }) => part.kind === kind && 'index' in part && part.index === index)
  return (
    <Panel
      title="SQL"
      actions={
        <>
          {fields.sqls.length > 1 && open !== null && (
            <SegmentedChoice
              label="Dialect"
              value={String(open.id)}
              options={fields.sqls.map(({ id, dialect }) => ({ value: String(id), label: dialect || 'unnamed' }))}
              onChange={(id) => change({ openId: Number(id) })}
            />
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
            onClick={() => form.addSql(unused ?? '', open?.sql ?? '')}
          >
            Add dialect
          </Button>
        </>
      }
    >
      <div className="stack gap-12">
        {open !== null && (
          <>
            <div className={classes.dialect}>
              <LazySelect
                label="Dialect"
                data={dialectsFor(open, fields.sqls)}
                value={open.dialect}
                allowDeselect={false}
                error={problemsOf('dialect')[0]?.message}
                onChange={(dialect) => dialect !== null && form.changeSql(open.id, { dialect })}
              />
              {fields.sqls.length > 1 && (
                <Button
                  variant="subtle"
                  color="red"
                  leftSection={<IconTrash size={14} stroke={1.6} aria-hidden />}
                  onClick={() => form.removeSql(open.id)}
                >
                  Remove {open.dialect || 'this dialect'}
                </Button>
              )}
            </div>
            <Input.Wrapper
              label={queryLabel(open)}
              labelElement="div"
              error={open.sql === '' ? null : problemsOf('sql')[0]?.message}
            >
              <div className={classes.sql}>
                <EditorFrame>
                  <LazySqlEditor
                    documentId={String(open.id)}
                    label={queryLabel(open)}
                    dialect={open.dialect}
                    value={open.sql}
                    cursor={open.sql.length}
                    onChange={(sql) => sql !== open.sql && form.changeSql(open.id, { sql })}
                    complete={noNames}
                    problem={null}
                  />
                </EditorFrame>
              </div>
            </Input.Wrapper>
          </>
        )}
        <div className={classes.pair}>
          <TextInput
            label="Default catalog"
            description="Used for names without a catalog, as the engine calls it."
            value={fields.defaultCatalog}
            placeholder="catalog of the view"
            maxLength={255}
            spellCheck={false}
            onChange={({ currentTarget }) => change({ defaultCatalog: currentTarget.value })}
          />
          <TextInput
            label="Default namespace"
            description="Used for names without a namespace. Levels are separated by dots."
            value={fields.defaultNamespace}
            placeholder="none"
            maxLength={1000}
            spellCheck={false}
            onChange={({ currentTarget }) => change({ defaultNamespace: currentTarget.value })}
          />
        </div>
        <Problems found={problems.filter(({ part }) => part.kind === 'representations')} />
      </div>
    </Panel>
  )
}

function queryLabel({ dialect }: FormSql): string {
  return `Query in ${dialect || 'this dialect'}`
}

/** The known dialects, and the one that the view has; those of its other SQL cannot be chosen twice. */
function dialectsFor({ id, dialect }: FormSql, sqls: readonly FormSql[]): string[] {
  const taken = new Set(sqls.flatMap((one) => (one.id === id ? [] : [one.dialect.toLowerCase()])))
  const known = DIALECTS.filter((name) => !taken.has(name))
  return dialect === '' || known.includes(dialect) ? known : [dialect, ...known]
}

/** Another engine may find other tables by a name than the tree has. */
const noNames = () => null

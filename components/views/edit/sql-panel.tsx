'use client'
import { Autocomplete, Button, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Problems } from '@/components/explore/new-table/draft-columns-panel'
import type { ViewProblem } from '@/lib/changes/view-edits/view-draft'
import type { ViewForm } from './use-view-form'
import classes from './view-form.module.css'

const DIALECTS = ['spark', 'trino', 'duckdb', 'flink', 'hive', 'presto']

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
              <Autocomplete
                label="Dialect"
                data={DIALECTS}
                // All of them: they are suggestions for the one that is written there.
                filter={({ options }) => options}
                value={open.dialect}
                maxLength={40}
                error={problemsOf('dialect')[0]?.message}
                spellCheck={false}
                onChange={(dialect) => form.changeSql(open.id, { dialect })}
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
            <Textarea
              label={`Query in ${open.dialect || 'this dialect'}`}
              value={open.sql}
              onChange={({ currentTarget }) => form.changeSql(open.id, { sql: currentTarget.value })}
              placeholder="select … from table"
              error={open.sql === '' ? null : problemsOf('sql')[0]?.message}
              autosize
              minRows={8}
              maxRows={24}
              spellCheck={false}
              autoComplete="off"
              classNames={{ input: classes.sql ?? '' }}
            />
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

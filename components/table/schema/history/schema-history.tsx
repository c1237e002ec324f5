'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp, IconLock } from '@tabler/icons-react'
import Link from 'next/link'
import { parseAsInteger, useQueryStates } from 'nuqs'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useTableLayouts } from '@/components/table/frame/use-table-layouts'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import type { TableLayouts } from '@/lib/contract/table/tables'
import { formatQuantity } from '@/lib/format/count'
import type { SetCurrentSchema } from '@/lib/changes/intents/set-current-schema/describe'
import { schemaOfId } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { paths } from '@/lib/paths/paths'
import { editProblem } from '../edit/schema-draft'
import { SchemaToolbar } from '../schema-toolbar'
import { SchemaComparison } from './schema-comparison'
import classes from './schema-history.module.css'

/** `?schema=` is the chosen schema, `?with=` the one that it is compared with: by default the one before it, and for the first the current one. */
const CHOICE_PARSERS = { schema: parseAsInteger, with: parseAsInteger }

/** Every schema of the table, newest first, and the chosen one next to another. */
export function SchemaHistory() {
  return (
    <>
      <SchemaToolbar />
      <Schemas />
    </>
  )
}

function Schemas() {
  const { loaded, problem } = useTableLayouts()
  if (problem) return <div className={classes.problem}>{problem}</div>
  if (!loaded) return <SkeletonRows rows={8} columns={3} label="Reading the schemas" />
  return <LoadedHistory metadata={loaded.metadata} uses={loaded.schemaUses} />
}

function LoadedHistory({ metadata, uses }: { metadata: TableMetadata; uses: TableLayouts['schemaUses'] }) {
  const [choice, setChoice] = useQueryStates(CHOICE_PARSERS, { history: 'push' })
  const ids = metadata.schemas.map(({ schemaId }) => schemaId).toReversed()
  const known = (id: number | null) => (id !== null && ids.includes(id) ? id : null)
  const chosenId = known(choice.schema) ?? metadata.currentSchemaId
  const otherId = known(choice.with) ?? ids[ids.indexOf(chosenId) + 1] ?? metadata.currentSchemaId
  const snapshotsOf = (id: number) => uses.find(({ schemaId }) => schemaId === id)
  const checks = {
    schema: (value: string) =>
      known(choice.schema) === null
        ? `There is no schema ${quoteAddress('schema', value)}. The current one is shown.`
        : null,
    with: (value: string) =>
      known(choice.with) === null
        ? `There is no schema ${quoteAddress('with', value)}. Schema ${otherId} is compared.`
        : null,
  }
  return (
    <>
      <AddressProblems checks={checks} />
      <div className={classes.history}>
        <ul className={classes.list} aria-label="Schemas">
          {ids.map((id) => (
            <li key={id}>
              <button
                type="button"
                className={classes.schema}
                aria-pressed={id === chosenId}
                onClick={() => void setChoice({ schema: id, with: null })}
              >
                <span>
                  schema {id}
                  {id === metadata.currentSchemaId && <span className={classes.current}>current</span>}
                </span>
                <span className={classes.uses}>{formatQuantity(snapshotsOf(id)?.snapshotCount ?? 0, 'snapshot')}</span>
              </button>
            </li>
          ))}
        </ul>
        <div className={classes.chosen}>
          <div className={classes.head}>
            <h3>Schema {chosenId}</h3>
            <span className={classes.with}>
              compared with
              <LazySelect
                aria-label="Compared with"
                className={classes.choice ?? ''}
                data={ids.map((id) => ({ value: String(id), label: `schema ${id}` }))}
                value={String(otherId)}
                onChange={(value) => value !== null && void setChoice({ schema: chosenId, with: Number(value) })}
              />
            </span>
            <ReturnButton metadata={metadata} schemaId={chosenId} />
          </div>
          <SchemaComparison before={schemaOfId(metadata, otherId)} after={schemaOfId(metadata, chosenId)} />
          <SnapshotsOfSchema use={snapshotsOf(chosenId)} />
        </div>
      </div>
    </>
  )
}

/** Puts the return into the tray, or explains why the data does not allow it. */
function ReturnButton({ metadata, schemaId }: { metadata: TableMetadata; schemaId: number }) {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const { isOffered: canChange } = useCanEdit()
  if (canChange !== true || schemaId === metadata.currentSchemaId) return null
  const intent: SetCurrentSchema = { kind: 'set-current-schema', schemaId, base: metadata.currentSchemaId }
  const isPending = pending.intents.some((one) => one.kind === 'set-current-schema' && one.schemaId === schemaId)
  const problem = isPending ? null : editProblem(metadata, [], [intent])
  return (
    <span className={classes.return}>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
        disabled={problem !== null || isPending}
        onClick={() => pending.put(intent)}
      >
        {isPending ? 'In the tray' : 'Return to this schema'}
      </Button>
      {problem !== null && (
        <span className={classes.why}>
          <IconLock size={13} stroke={1.6} aria-hidden />
          {problem}
        </span>
      )}
    </span>
  )
}

/** The snapshots that were written while the schema was current. */
function SnapshotsOfSchema({ use }: { use: TableLayouts['schemaUses'][number] | undefined }) {
  const { table } = useShownTable()
  if (!use) return <p className={classes.none}>No snapshot of the table was written with this schema.</p>
  return (
    <section className={classes.snapshots} aria-label="Snapshots with this schema">
      <h3>Current at {formatQuantity(use.snapshotCount, 'snapshot')}</h3>
      <ul>
        {use.snapshots.map(({ snapshotId, committedAtMs }) => (
          <li key={snapshotId}>
            <Link href={`${paths.table(table, 'snapshots')}?opened=${snapshotId}`}>
              <code>{snapshotId}</code>
            </Link>
            <RelativeTime atMs={committedAtMs} />
          </li>
        ))}
      </ul>
      {use.snapshotCount > use.snapshots.length && (
        <p className={classes.none}>These are the newest {formatQuantity(use.snapshots.length, 'snapshot')}.</p>
      )}
    </section>
  )
}

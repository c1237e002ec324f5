'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsInteger, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { propertiesWithPending, putProperty } from '@/components/changes/tray/put-property'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProposalHint } from '@/components/table/frame/proposal-hint'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { Panel } from '@/components/ui/panel'
import { AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Toolbar } from '@/components/ui/toolbar'
import { columnStorageQuery } from '@/lib/client/table/compression'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import type { ColumnStorage, StoredColumn } from '@/lib/contract/table/compression'
import { formatQuantity } from '@/lib/format/count'
import { TableCodecChoice } from '../codec-choice'
import { LazyWrittenShares } from '../lazy-written-codecs'
import classes from './compression-studio.module.css'

const TITLE = 'Compression studio'

/** Footers load after the page anyway, so this component can, too. */
const LazyStoredColumns = lazyComponent(async () => (await import('./stored-columns')).StoredColumns, {
  loading: () => <SkeletonRows rows={8} columns={8} label="Reading footers of data files" />,
})
const LazyColumnSettings = lazyComponent(async () => (await import('./column-settings')).ColumnSettings)
const LazyExistingFiles = lazyComponent(async () => (await import('./existing-files')).ExistingFiles)
const LazyWhatIf = lazyComponent(async () => (await import('./what-if')).WhatIf, {
  // As high as without a sample, so that the panels below it do not move.
  loading: () => (
    <Panel title="What if">
      <p>Reading the last sample…</p>
    </Panel>
  ),
})

/** How the columns of a table should be stored, how they are, and alternatives. */
export function CompressionStudio() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const canEdit = useCanEdit()
  const { isOffered: canChange, reason } = canEdit
  const storage = useQuery(columnStorageQuery(table, detail.metadataLocation))
  const [chosenId, setChosenId] = useQueryState('column', parseAsInteger)
  const properties = propertiesWithPending(detail.properties, pending.intents)
  const setValue = (key: string, newValue: string | null) => putProperty(pending, detail, key, newValue)
  const chosen = storage.data?.columns.find(({ fieldId }) => fieldId === chosenId) ?? storage.data?.columns[0] ?? null
  return (
    <SubPage title={TITLE}>
      <Toolbar end={<LazyWrittenShares />}>
        <SubPageTitle table={table} title={TITLE} tab="settings" />
        <div className={classes.newFiles} role="group" aria-label="New files">
          <TableCodecChoice properties={properties} setValue={setValue} canChange={canChange === true} />
        </div>
      </Toolbar>
      <div className={classes.body}>
        {!detail.shown.isCurrent && (
          <p className={classes.quiet}>
            Settings and files are those of <strong>now</strong>, not of the state that is shown.
          </p>
        )}
        {canChange === false && (
          <p className={classes.quiet}>{reason ?? 'Read only. You need the editor role to change settings.'}</p>
        )}
        <ProposalHint canEdit={canEdit} className={classes.quiet} />
        {!storage.isSuccess ? (
          <Unloaded query={storage} subject={table.table} skeleton={[8, 8, 'Reading footers of data files']} />
        ) : storage.data.fileCount === 0 ? (
          <EmptyState>The table has no data files yet. Settings apply to the first ones.</EmptyState>
        ) : (
          <StorageNotes storage={storage.data} />
        )}
        {storage.data && (
          <>
            <AddressProblems
              checks={{
                column: (value) =>
                  chosen === null || chosen.fieldId === chosenId
                    ? null
                    : `There is no column ${quoteAddress('column', value)}. The first one is shown.`,
              }}
            />
            <LazyStoredColumns
              storage={storage.data}
              now={detail.properties}
              after={properties}
              chosenId={chosen?.fieldId ?? null}
              onChoose={(fieldId) => void setChosenId(fieldId)}
              setValue={setValue}
              canChange={canChange === true}
            />
            {chosen && chosen.storedBytes > 0 && (
              <LazyWhatIf
                key={`what if ${chosen.fieldId}`}
                column={chosen}
                now={detail.properties}
                loadedBytesPerDay={columnGrowth(storage.data, chosen)}
                price={storage.data.storagePrice}
                setValue={setValue}
                canChange={canChange === true}
              />
            )}
            {chosen && (
              <LazyColumnSettings
                key={chosen.fieldId}
                column={chosen}
                now={detail.properties}
                after={properties}
                setValue={setValue}
                canChange={canChange === true}
              />
            )}
            {storage.data.fileCount > 0 && (
              <LazyExistingFiles canChange={canChange === true} hasPendingChanges={pending.intents.length > 0} />
            )}
          </>
        )}
      </div>
    </SubPage>
  )
}

/** Bytes that the column adds to the table per day, in proportion to its stored size; null if unknown. */
function columnGrowth({ columns, loadedBytesPerDay }: ColumnStorage, { storedBytes }: StoredColumn): number | null {
  const totalBytes = columns.reduce((sum, column) => sum + column.storedBytes, 0)
  return loadedBytesPerDay === null ? null : loadedBytesPerDay * (storedBytes / totalBytes)
}

/** Which files the figures leave out, and why. */
function StorageNotes({ storage }: { storage: ColumnStorage }) {
  const { unreadable, unreadableCount, otherFormatCount } = storage
  return (
    <>
      {unreadableCount > 0 && (
        <WarningNote>
          {formatQuantity(unreadableCount, 'file')} of the sample could not be read
          {unreadable.length < unreadableCount ? `, such as these ${unreadable.length}` : ''}:
          <ul className={classes.reasons}>
            {unreadable.map(({ path, reason }) => (
              <li key={path}>{reason}</li>
            ))}
          </ul>
        </WarningNote>
      )}
      {otherFormatCount > 0 && (
        <p className={classes.quiet}>
          {formatQuantity(otherFormatCount, 'file')} in other formats than Parquet{' '}
          {otherFormatCount === 1 ? 'is' : 'are'} not counted.
        </p>
      )}
    </>
  )
}

'use client'
import { Textarea } from '@mantine/core'
import { Panel } from '@/components/ui/panel'
import classes from './connection-form.module.css'
import { AzureFields } from './azure-fields'
import { EMPTY_TABLE } from './draft'
import { Choice, type FormPart, Rows, TextField } from './form-parts'
import { GcsFields } from './gcs-fields'
import { DelegationField, InsideHint } from './rest-fields'
import { S3Fields } from './s3-fields'

const STORES = {
  none: 'None',
  s3: 'S3 or compatible',
  azure: 'Azure Data Lake or Blob Storage',
  gcs: 'Google Cloud Storage',
  local: 'Folders of this machine',
} as const
const FILES_STORES = { s3: STORES.s3, azure: STORES.azure, gcs: STORES.gcs, local: STORES.local } as const
const ROOTS = {
  s3: 's3://bucket or s3://bucket/prefix, one per line; nothing outside is read or written',
  azure:
    'abfss://container@account.dfs.core.windows.net or with /prefix, one per line; nothing outside is read or written',
  gcs: 'gs://bucket or gs://bucket/prefix, one per line; nothing outside is read or written',
  local: 'Folders, one per line, inside what LAKESHORE_LOCAL_ROOTS allows',
} as const

/** Where files are, and where they are now when metadata speaks of another place. */
export function StorageFields(part: FormPart) {
  const { draft, change } = part
  const { storageKind } = draft
  return (
    <Panel title="Storage">
      <div className={classes.fields}>
        {draft.kind === 'rest' && <DelegationField {...part} />}
        <Choice
          label={draft.kind === 'rest' ? 'Storage of the connection' : 'Kind'}
          value={storageKind}
          options={draft.kind === 'rest' ? STORES : { ...FILES_STORES, none: STORES.none }}
          onChange={(chosen) => change({ storageKind: chosen })}
        />
        <InsideHint draft={draft} />
        {storageKind !== 'none' && (
          <Textarea
            label="Roots"
            description={ROOTS[storageKind]}
            required
            withAsterisk={false}
            className={classes.wide ?? ''}
            autosize
            minRows={1}
            spellCheck={false}
            value={draft.roots}
            onChange={(event) => change({ roots: event.currentTarget.value })}
          />
        )}
        {storageKind === 's3' && <S3Fields {...part} />}
        {storageKind === 'azure' && <AzureFields {...part} />}
        {storageKind === 'gcs' && <GcsFields {...part} />}
        <Rows
          legend="Mappings of places that have moved"
          noun="mapping"
          rows={draft.mappings}
          empty={{ from: '', to: '' }}
          onChange={(mappings) => change({ mappings })}
        >
          {({ from, to }, changeRow, index) => (
            <>
              <TextField
                label={`Metadata says ${index + 1}`}
                required
                value={from}
                onChange={(typed) => changeRow({ from: typed })}
              />
              <TextField
                label={`Files are in ${index + 1}`}
                required
                value={to}
                onChange={(typed) => changeRow({ to: typed })}
              />
            </>
          )}
        </Rows>
      </div>
    </Panel>
  )
}

/** Tables that are opened from their metadata files. */
export function TableFields({ draft, change }: FormPart) {
  return (
    <Panel title="Tables">
      <Rows
        legend="Each from a metadata file, or from the folder of the table"
        noun="table"
        rows={draft.tables}
        empty={EMPTY_TABLE}
        onChange={(tables) => change({ tables })}
      >
        {({ namespace, table, metadataLocation }, changeRow, index) => (
          <>
            <TextField
              label={`Namespace ${index + 1}`}
              required
              value={namespace}
              onChange={(typed) => changeRow({ namespace: typed })}
            />
            <TextField
              label={`Table ${index + 1}`}
              required
              value={table}
              onChange={(typed) => changeRow({ table: typed })}
            />
            <TextField
              label={`Location ${index + 1}`}
              required
              className={classes.wholeRow}
              value={metadataLocation}
              onChange={(typed) => changeRow({ metadataLocation: typed })}
            />
          </>
        )}
      </Rows>
    </Panel>
  )
}

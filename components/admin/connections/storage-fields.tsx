'use client'
import { Textarea } from '@mantine/core'
import classes from './connection-form.module.css'
import { AzureFields } from './azure-fields'
import { EMPTY_TABLE } from './draft'
import { ChoiceField, type FieldGroupProps, FormSection, RepeatedFields, requiredMark, TextField } from './form-parts'
import { GcsFields } from './gcs-fields'
import { DelegationField, PrivateNetworkHint } from './rest-fields'
import { S3Fields } from './s3-fields'

const STORES = {
  none: 'None',
  s3: 'S3 or compatible',
  azure: 'Azure Data Lake or Blob Storage',
  gcs: 'Google Cloud Storage',
  local: 'Folders on the server',
} as const
const METADATA_FILE_STORES = { s3: STORES.s3, azure: STORES.azure, gcs: STORES.gcs, local: STORES.local } as const
const ROOTS_DESCRIPTIONS = {
  s3: 's3://bucket or s3://bucket/prefix, one per line. Lakeshore reads and writes nothing outside',
  azure:
    'abfss://container@account.dfs.core.windows.net or with /prefix, one per line. Lakeshore reads and writes nothing outside',
  gcs: 'gs://bucket or gs://bucket/prefix, one per line. Lakeshore reads and writes nothing outside',
  local: 'Folders that LAKESHORE_LOCAL_ROOTS allows, one per line',
} as const
const LOCAL_OFF_REASON = 'Folders on the server are off: LAKESHORE_LOCAL_ROOTS allows none.'

function rootsDescription(
  storageKind: keyof typeof ROOTS_DESCRIPTIONS,
  localRoots: FieldGroupProps['localRoots'],
): string {
  const description = ROOTS_DESCRIPTIONS[storageKind]
  if (storageKind !== 'local' || localRoots === null || localRoots.length === 0) return description
  return `${description}: ${localRoots.join(', ')}`
}

/** The storage of the files, and mappings for paths in metadata that have moved. */
export function StorageFields(props: FieldGroupProps) {
  const { draft, change, examples, localRoots } = props
  const { storageKind } = draft
  const isLocalOff = localRoots?.length === 0
  return (
    <FormSection title="Storage">
      {draft.kind === 'rest' && <DelegationField {...props} />}
      <ChoiceField
        label={draft.kind === 'rest' ? 'Storage of the connection' : 'Kind'}
        value={storageKind}
        options={draft.kind === 'rest' ? STORES : { ...METADATA_FILE_STORES, none: STORES.none }}
        onChange={(chosen) => change({ storageKind: chosen })}
        {...(isLocalOff && { disabledOptions: ['local'], description: LOCAL_OFF_REASON })}
      />
      <PrivateNetworkHint draft={draft} />
      {storageKind !== 'none' && (
        <Textarea
          label="Allowed locations"
          description={rootsDescription(storageKind, localRoots)}
          required
          {...requiredMark(true)}
          autosize
          minRows={1}
          spellCheck={false}
          placeholder={examples.roots ?? ''}
          value={draft.roots}
          onChange={(event) => change({ roots: event.currentTarget.value })}
        />
      )}
      {storageKind === 's3' && <S3Fields {...props} />}
      {storageKind === 'azure' && <AzureFields {...props} />}
      {storageKind === 'gcs' && <GcsFields {...props} />}
      <RepeatedFields
        legend="Path mappings"
        noun="mapping"
        rows={draft.mappings}
        emptyRow={{ from: '', to: '' }}
        onChange={(mappings) => change({ mappings })}
      >
        {({ from, to }, changeRow, index) => (
          <>
            <TextField
              label={`Path in metadata ${index + 1}`}
              required
              value={from}
              onChange={(typed) => changeRow({ from: typed })}
            />
            <TextField
              label={`Actual location ${index + 1}`}
              required
              value={to}
              onChange={(typed) => changeRow({ to: typed })}
            />
          </>
        )}
      </RepeatedFields>
    </FormSection>
  )
}

/** Tables that are opened from their metadata files. */
export function TableFields({ draft, change }: Pick<FieldGroupProps, 'draft' | 'change'>) {
  return (
    <FormSection title="Tables">
      <RepeatedFields
        legend="Tables"
        description="The location is a metadata file, or the folder of the table."
        noun="table"
        rows={draft.tables}
        emptyRow={EMPTY_TABLE}
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
      </RepeatedFields>
    </FormSection>
  )
}

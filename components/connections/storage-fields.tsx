'use client'
import { Checkbox, Textarea } from '@mantine/core'
import { Panel } from '@/components/ui/panel'
import classes from './connection-form.module.css'
import { EMPTY_TABLE, storageSecretFields } from './draft'
import { AwsFields, Choice, type FormPart, Rows, SecretField, TextField } from './form-parts'
import { DelegationField } from './rest-fields'

const STORES = { none: 'None', s3: 'S3 or compatible', local: 'Folders of this machine' } as const
const FILES_STORES = { s3: STORES.s3, local: STORES.local } as const
const S3_SOURCES = {
  keys: 'An access key',
  chain: 'This machine’s AWS credentials',
  anonymous: 'Nothing: the bucket is public',
} as const

/** Where files are, and where they are now when metadata speaks of another place. */
export function StorageFields(part: FormPart) {
  const { draft, change } = part
  const { storageKind, s3 } = draft
  const changeS3 = (of: Partial<typeof s3>) => change({ s3: { ...s3, ...of } })
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
        {storageKind !== 'none' && (
          <Textarea
            label="Roots"
            description={
              storageKind === 's3'
                ? 's3://bucket or s3://bucket/prefix, one per line; nothing outside is read or written'
                : 'Folders, one per line, inside what LAKESHORE_LOCAL_ROOTS allows'
            }
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
        {storageKind === 's3' && (
          <>
            <TextField
              label="Endpoint"
              description="Empty: AWS’s own for the region"
              value={s3.endpoint}
              onChange={(endpoint) => changeS3({ endpoint })}
            />
            <TextField
              label="Region of the storage"
              description="us-east-1 where there are none"
              required
              value={s3.region}
              onChange={(region) => changeS3({ region })}
            />
            <AwsFields label="Opened with" sources={S3_SOURCES} value={s3} onChange={changeS3} />
            {storageSecretFields(draft).map((field) => (
              <SecretField key={field.name} {...field} {...part} />
            ))}
            <Checkbox
              className={classes.wide ?? ''}
              label="The bucket is part of the path, as MinIO and most others want it"
              checked={s3.isPathStyle}
              onChange={(event) => changeS3({ isPathStyle: event.currentTarget.checked })}
            />
          </>
        )}
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
              value={metadataLocation}
              onChange={(typed) => changeRow({ metadataLocation: typed })}
            />
          </>
        )}
      </Rows>
    </Panel>
  )
}

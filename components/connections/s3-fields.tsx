'use client'
import { Checkbox } from '@mantine/core'
import classes from './connection-form.module.css'
import { AwsFields, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  keys: 'An access key',
  chain: 'This machine’s AWS credentials',
  anonymous: 'Nothing: the bucket is public',
} as const

/** An S3-compatible store of a connection's own. */
export function S3Fields(props: FieldGroupProps) {
  const { draft, change } = props
  const { s3 } = draft
  const changeS3 = (changes: Partial<typeof s3>) => change({ s3: { ...s3, ...changes } })
  return (
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
      <AwsFields label="Opened with" sources={SOURCES} value={s3} onChange={changeS3} />
      {storageSecretFields(draft).map((field) => (
        <SecretField key={field.name} {...field} {...props} />
      ))}
      <Checkbox
        className={classes.wide ?? ''}
        label="The bucket is part of the path, as MinIO and most others want it"
        checked={s3.isPathStyle}
        onChange={(event) => changeS3({ isPathStyle: event.currentTarget.checked })}
      />
    </>
  )
}

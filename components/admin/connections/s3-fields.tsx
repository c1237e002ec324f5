'use client'
import { Checkbox } from '@mantine/core'
import classes from './connection-form.module.css'
import { AwsFields, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  keys: 'Access key',
  chain: 'This machine’s AWS credentials',
  anonymous: 'None (public bucket)',
} as const

/** The connection's own S3-compatible store. */
export function S3Fields(props: FieldGroupProps) {
  const { draft, change } = props
  const { s3 } = draft
  const changeS3 = (changes: Partial<typeof s3>) => change({ s3: { ...s3, ...changes } })
  return (
    <>
      <TextField
        label="Endpoint"
        description="Leave empty to use AWS’s endpoint of the region"
        value={s3.endpoint}
        onChange={(endpoint) => changeS3({ endpoint })}
      />
      <TextField
        label="Storage region"
        description="us-east-1 if the store has no regions"
        required
        value={s3.region}
        onChange={(region) => changeS3({ region })}
      />
      <AwsFields label="Credentials" sources={SOURCES} value={s3} onChange={changeS3} />
      {storageSecretFields(draft).map((field) => (
        <SecretField key={field.name} {...field} {...props} />
      ))}
      <Checkbox
        className={classes.aligned ?? ''}
        label="Path-style URLs (MinIO and most other stores)"
        checked={s3.isPathStyle}
        onChange={(event) => changeS3({ isPathStyle: event.currentTarget.checked })}
      />
    </>
  )
}

'use client'
import { ChoiceField, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  'service-account': 'The key of a service account',
  machine: 'This machine’s Google credentials',
  anonymous: 'Nothing: the bucket is public',
} as const

/** Google Cloud Storage of a connection's own. */
export function GcsFields(props: FieldGroupProps) {
  const { draft, change } = props
  const { gcs } = draft
  const changeGcs = (changes: Partial<typeof gcs>) => change({ gcs: { ...gcs, ...changes } })
  return (
    <>
      <TextField
        label="Endpoint"
        description="Empty: Google’s own"
        value={gcs.endpoint}
        onChange={(endpoint) => changeGcs({ endpoint })}
      />
      <ChoiceField
        label="Opened with"
        value={gcs.source}
        options={SOURCES}
        onChange={(source) => changeGcs({ source })}
      />
      {storageSecretFields(draft).map((field) => (
        <SecretField key={field.name} {...field} {...props} />
      ))}
    </>
  )
}

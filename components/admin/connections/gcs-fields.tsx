'use client'
import { ChoiceField, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  'service-account': 'Service account key',
  machine: 'This machine’s Google credentials',
  anonymous: 'None (public bucket)',
} as const

/** The connection's own Google Cloud Storage. */
export function GcsFields(props: FieldGroupProps) {
  const { draft, change } = props
  const { gcs } = draft
  const changeGcs = (changes: Partial<typeof gcs>) => change({ gcs: { ...gcs, ...changes } })
  return (
    <>
      <TextField
        label="Endpoint"
        description="Leave empty to use Google’s endpoint"
        value={gcs.endpoint}
        onChange={(endpoint) => changeGcs({ endpoint })}
      />
      <ChoiceField
        label="Credentials"
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

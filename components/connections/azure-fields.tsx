'use client'
import { ChoiceField, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  'account-key': 'A key of the account',
  sas: 'A shared access signature',
  'client-secret': 'An application of Microsoft Entra',
  anonymous: 'Nothing: the container is public',
} as const

/** A storage account of Azure; which one is said by the roots. */
export function AzureFields(props: FieldGroupProps) {
  const { draft, change } = props
  const { azure } = draft
  const changeAzure = (changes: Partial<typeof azure>) => change({ azure: { ...azure, ...changes } })
  return (
    <>
      <TextField
        label="Endpoint"
        description="Empty: Azure’s own for the account"
        value={azure.endpoint}
        onChange={(endpoint) => changeAzure({ endpoint })}
      />
      <ChoiceField
        label="Opened with"
        value={azure.source}
        options={SOURCES}
        onChange={(source) => changeAzure({ source })}
      />
      {azure.source === 'client-secret' && (
        <>
          <TextField
            label="Tenant id"
            required
            value={azure.tenantId}
            onChange={(tenantId) => changeAzure({ tenantId })}
          />
          <TextField
            label="Client id of the storage"
            required
            value={azure.clientId}
            onChange={(clientId) => changeAzure({ clientId })}
          />
          <TextField
            label="Address for tokens"
            description="Empty: that of the account’s cloud"
            value={azure.authority}
            onChange={(authority) => changeAzure({ authority })}
          />
        </>
      )}
      {storageSecretFields(draft).map((field) => (
        <SecretField key={field.name} {...field} {...props} />
      ))}
    </>
  )
}

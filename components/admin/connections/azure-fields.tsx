'use client'
import { ChoiceField, type FieldGroupProps, SecretField, TextField } from './form-parts'
import { storageSecretFields } from './storage-draft'

const SOURCES = {
  'account-key': 'Account key',
  sas: 'Shared access signature (SAS)',
  'client-secret': 'Microsoft Entra application',
  anonymous: 'None (public container)',
} as const

/** An Azure storage account. The allowed locations name the account. */
export function AzureFields(props: FieldGroupProps) {
  const { draft, change } = props
  const { azure } = draft
  const changeAzure = (changes: Partial<typeof azure>) => change({ azure: { ...azure, ...changes } })
  return (
    <>
      <TextField
        label="Endpoint"
        description="Leave empty to use Azure’s endpoint of the account"
        value={azure.endpoint}
        onChange={(endpoint) => changeAzure({ endpoint })}
      />
      <ChoiceField
        label="Credentials"
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
            label="Storage client id"
            required
            value={azure.clientId}
            onChange={(clientId) => changeAzure({ clientId })}
          />
          <TextField
            label="Authority URL"
            description="Leave empty to use the authority of the account’s cloud"
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

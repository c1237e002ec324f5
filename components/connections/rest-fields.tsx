'use client'
import { Panel } from '@/components/ui/panel'
import classes from './connection-form.module.css'
import { authSecretFields } from './draft'
import { AwsFields, ChoiceField, type FieldGroupProps, RepeatedFields, SecretField, TextField } from './form-parts'

const LOGINS = {
  none: 'None',
  bearer: 'Token',
  oauth2: 'OAuth2 client credentials',
  basic: 'Username and password',
  sigv4: 'AWS signature (SigV4)',
} as const

const AWS_SOURCES = { chain: 'This machine’s AWS credentials', keys: 'An access key' } as const

const DELEGATIONS = {
  'vended-credentials': 'Credentials from the catalog',
  'remote-signing': 'Requests signed by the catalog',
  none: 'The storage below',
} as const

const OWN_CREDENTIALS_LABELS = {
  off: 'Everybody uses this login',
  allowed: 'People may use their own',
  required: 'Everybody has to use their own',
} as const

/** Where a REST catalog is, and how one logs in to it. */
export function RestFields(props: FieldGroupProps) {
  const { draft, change } = props
  return (
    <>
      <Panel title="Catalog">
        <div className={classes.fields}>
          <TextField
            label="Address"
            description="What /v1/config is appended to"
            required
            className={classes.wide}
            value={draft.uri}
            onChange={(uri) => change({ uri })}
          />
          <TextField
            label="Warehouse"
            description="Empty: the catalog’s default"
            value={draft.warehouse}
            onChange={(warehouse) => change({ warehouse })}
          />
          <TextField
            label="Prefix"
            description="Empty: what the catalog says"
            value={draft.prefix}
            onChange={(prefix) => change({ prefix })}
          />
        </div>
      </Panel>
      <Panel title="Login">
        <div className={classes.fields}>
          <ChoiceField
            label="Kind"
            value={draft.authKind}
            options={LOGINS}
            onChange={(authKind) => change({ authKind })}
          />
          {draft.authKind !== 'none' && (
            <ChoiceField
              label="For whom"
              value={draft.ownCredentials}
              options={OWN_CREDENTIALS_LABELS}
              onChange={(ownCredentials) => change({ ownCredentials })}
            />
          )}
          <LoginFields {...props} />
          {authSecretFields(draft).map((field) => (
            <SecretField key={field.name} {...field} {...props} />
          ))}
          <RepeatedFields
            legend="Further headers, with every request"
            noun="header"
            rows={draft.headerNames.map((name) => ({ name }))}
            emptyRow={{ name: '' }}
            onChange={(rows) => change({ headerNames: rows.map(({ name }) => name) })}
          >
            {({ name }, changeRow, index) => (
              <>
                <TextField
                  label={`Name of header ${index + 1}`}
                  required
                  value={name}
                  onChange={(typed) => changeRow({ name: typed })}
                />
                <SecretField
                  name={`header:${name.toLowerCase()}`}
                  label={`Value of header ${index + 1}`}
                  isOptional={false}
                  {...props}
                />
              </>
            )}
          </RepeatedFields>
        </div>
      </Panel>
    </>
  )
}

/** How files of a REST catalog are reached. */
export function DelegationField({ draft, change }: FieldGroupProps) {
  return (
    <ChoiceField
      label="Files are reached with"
      value={draft.delegation}
      options={DELEGATIONS}
      onChange={(delegation) => change({ delegation })}
    />
  )
}

/** What a catalog hands out does not lead everywhere; told where that is chosen. */
export function PrivateNetworkHint({ draft }: Pick<FieldGroupProps, 'draft'>) {
  if (draft.kind !== 'rest' || draft.delegation === 'none') return null
  return (
    <p className={`${classes.hint} ${classes.wide}`}>
      A store inside this network that the catalog names is used only on the catalog’s own host, or where the storage of
      the connection has that address as its endpoint.
    </p>
  )
}

function LoginFields({ draft, change }: FieldGroupProps) {
  const { oauth, signing } = draft
  if (draft.authKind === 'basic') {
    return <TextField label="Username" required value={draft.username} onChange={(username) => change({ username })} />
  }
  if (draft.authKind === 'oauth2') {
    const changeOauth = (changes: Partial<typeof oauth>) => change({ oauth: { ...oauth, ...changes } })
    return (
      <>
        <TextField
          label="Token address"
          description="Empty: the catalog’s own"
          className={classes.wide}
          value={oauth.tokenUri}
          onChange={(tokenUri) => changeOauth({ tokenUri })}
        />
        <TextField label="Client id" value={oauth.clientId} onChange={(clientId) => changeOauth({ clientId })} />
        <TextField label="Scope" value={oauth.scope} onChange={(scope) => changeOauth({ scope })} />
        <TextField label="Audience" value={oauth.audience} onChange={(audience) => changeOauth({ audience })} />
        <TextField label="Resource" value={oauth.resource} onChange={(resource) => changeOauth({ resource })} />
      </>
    )
  }
  if (draft.authKind !== 'sigv4') return null
  const changeSigning = (changes: Partial<typeof signing>) => change({ signing: { ...signing, ...changes } })
  return (
    <>
      <TextField label="Region" required value={signing.region} onChange={(region) => changeSigning({ region })} />
      <TextField
        label="Service"
        description="glue, s3tables, execute-api …"
        required
        value={signing.service}
        onChange={(service) => changeSigning({ service })}
      />
      <AwsFields label="Signed with" sources={AWS_SOURCES} value={signing} onChange={changeSigning} />
    </>
  )
}

'use client'
import { secretLabel } from '@/lib/contract/shapes/secret-labels'
import classes from './connection-form.module.css'
import { authSecretFields, hasSearchCredentials } from './draft'
import {
  AwsFields,
  ChoiceField,
  type FieldGroupProps,
  FormSection,
  RepeatedFields,
  SecretField,
  TextField,
} from './form-parts'

const LOGINS = {
  none: 'None',
  bearer: 'Token',
  oauth2: 'OAuth2 client credentials',
  basic: 'Username and password',
  sigv4: 'AWS signature (SigV4)',
} as const

const AWS_SOURCES = { chain: 'This machine’s AWS credentials', keys: 'Access key' } as const

const DELEGATIONS = {
  'vended-credentials': 'Credentials from the catalog',
  'remote-signing': 'Requests signed by the catalog',
  none: 'Storage settings below',
} as const

const OWN_CREDENTIALS_LABELS = {
  off: 'Shared by all users',
  allowed: 'Shared, or each user’s own',
  required: 'Each user’s own',
} as const

const SEARCH_IDENTITIES = {
  none: null,
  bearer: null,
  oauth2: 'Client id for search',
  basic: 'Username for search',
  sigv4: 'Access key id for search',
} as const

/** The URL of a REST catalog and how to authenticate. */
export function RestFields(props: FieldGroupProps) {
  const { draft, change, examples } = props
  return (
    <>
      <FormSection title="Catalog">
        <TextField
          label="URL"
          description="Base URL of the REST catalog (without /v1)"
          required
          placeholder={examples.uri ?? ''}
          value={draft.uri}
          onChange={(uri) => change({ uri })}
        />
        <TextField
          label="Warehouse"
          description="Leave empty to use the catalog’s default"
          value={draft.warehouse}
          onChange={(warehouse) => change({ warehouse })}
        />
        <TextField
          label="Prefix"
          description="Leave empty to use the catalog’s prefix"
          value={draft.prefix}
          onChange={(prefix) => change({ prefix })}
        />
      </FormSection>
      <FormSection title="Authentication">
        <ChoiceField
          label="Kind"
          value={draft.authKind}
          options={LOGINS}
          onChange={(authKind) => change({ authKind })}
        />
        {draft.authKind !== 'none' && (
          <ChoiceField
            label="Credentials"
            value={draft.ownCredentials}
            options={OWN_CREDENTIALS_LABELS}
            onChange={(ownCredentials) => change({ ownCredentials })}
          />
        )}
        <LoginFields {...props} />
        {authSecretFields(draft).map((field) => (
          <SecretField key={field.name} {...field} {...props} />
        ))}
        {draft.authKind !== 'none' && draft.ownCredentials !== 'off' && <SearchFields {...props} />}
        <RepeatedFields
          legend="Extra headers"
          noun="header"
          rows={draft.headerNames.map((name) => ({ name }))}
          emptyRow={{ name: '' }}
          onChange={(rows) => change({ headerNames: rows.map(({ name }) => name) })}
        >
          {({ name }, changeRow, index) => (
            <>
              <TextField
                label={`Header ${index + 1} name`}
                required
                value={name}
                onChange={(typed) => changeRow({ name: typed })}
              />
              <SecretField
                name={`header:${name.toLowerCase()}`}
                label={`Header ${index + 1} value`}
                isOptional={false}
                {...props}
              />
            </>
          )}
        </RepeatedFields>
      </FormSection>
    </>
  )
}

/** Where users have their own credentials: how search reads the catalog. */
function SearchFields(props: FieldGroupProps) {
  const { draft, change } = props
  const { hasCredentials, identity } = draft.search
  const identityLabel = SEARCH_IDENTITIES[draft.authKind]
  const withoutLabel =
    draft.ownCredentials === 'required' ? 'Names only, with each user’s own' : 'Names only for users with their own'
  return (
    <>
      <ChoiceField
        label="Search"
        value={hasCredentials ? 'index' : 'names'}
        options={{ names: withoutLabel, index: 'Everything, with credentials for search' }}
        {...(hasCredentials && { description: 'Users find what their grants in Lakeshore allow.' })}
        onChange={(choice) => change({ search: { hasCredentials: choice === 'index', identity } })}
      />
      {hasSearchCredentials(draft) && (
        <>
          {identityLabel !== null && (
            <TextField
              label={identityLabel}
              required
              value={identity}
              onChange={(typed) => change({ search: { hasCredentials, identity: typed } })}
            />
          )}
          <SecretField name="searchSecret" label={secretLabel('searchSecret')} isOptional={false} {...props} />
        </>
      )}
    </>
  )
}

/** How Lakeshore gets access to the files of a REST catalog. */
export function DelegationField({ draft, change }: Pick<FieldGroupProps, 'draft' | 'change'>) {
  return (
    <ChoiceField
      label="File access"
      value={draft.delegation}
      options={DELEGATIONS}
      onChange={(delegation) => change({ delegation })}
    />
  )
}

/** Says which stores Lakeshore reaches with vended credentials, when those are chosen. */
export function PrivateNetworkHint({ draft }: Pick<FieldGroupProps, 'draft'>) {
  if (draft.kind !== 'rest' || draft.delegation === 'none') return null
  return (
    <p className={classes.hint}>
      Lakeshore uses a store inside this network only if it is on the catalog’s own host, or if it is the endpoint of
      the connection’s storage.
    </p>
  )
}

function LoginFields({ draft, change, examples }: FieldGroupProps) {
  const { oauth, signing } = draft
  if (draft.authKind === 'basic') {
    return <TextField label="Username" required value={draft.username} onChange={(username) => change({ username })} />
  }
  if (draft.authKind === 'oauth2') {
    const changeOauth = (changes: Partial<typeof oauth>) => change({ oauth: { ...oauth, ...changes } })
    return (
      <>
        <TextField
          label="Token URL"
          description="Leave empty to use the catalog’s token endpoint"
          placeholder={examples.tokenUri ?? ''}
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
      <AwsFields label="AWS credentials" sources={AWS_SOURCES} value={signing} onChange={changeSigning} />
    </>
  )
}

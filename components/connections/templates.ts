import { type Draft, EMPTY_DRAFT } from './draft'

/** A kind of catalog people have: what its documentation says of addresses and logins, put into the form. */
export type Template = {
  id: string
  title: string
  /** One line for the picker. */
  about: string
  /** What to look at when filling it in. */
  hint: string
  draft: Draft
}

const { oauth, signing, s3 } = EMPTY_DRAFT

export const TEMPLATES: readonly Template[] = [
  {
    id: 'lakekeeper',
    title: 'Lakekeeper',
    about: 'Logs in at an identity provider',
    hint: 'The address ends in /catalog; the warehouse is the name it has in Lakekeeper. Without authentication choose login none. The token address and the scope are those of your identity provider.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://lakekeeper.example.com/catalog',
      authKind: 'oauth2',
      oauth: {
        ...oauth,
        tokenUri: 'https://keycloak.example.com/realms/iceberg/protocol/openid-connect/token',
        scope: 'lakekeeper',
      },
    },
  },
  {
    id: 'polaris',
    title: 'Polaris',
    about: 'Client id and secret of a principal',
    hint: 'The warehouse is the name of the catalog in Polaris. Tokens come from Polaris itself. The scope names roles: PRINCIPAL_ROLE:ALL takes all the principal has. Other realms than the default want the header Polaris-Realm.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://polaris.example.com/api/catalog',
      authKind: 'oauth2',
      oauth: { ...oauth, scope: 'PRINCIPAL_ROLE:ALL' },
    },
  },
  {
    id: 'nessie',
    title: 'Nessie',
    about: 'A branch is part of the address',
    hint: 'The address ends in /iceberg, or /iceberg/ and the name of a branch, where a slash is written %2F. Leave the warehouse empty for the default one. Nessie signs requests for S3; if yours hands out credentials, choose those. Where it asks for a login, tokens come from your identity provider, not from Nessie.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'http://nessie.example.com:19120/iceberg/main',
      delegation: 'remote-signing',
    },
  },
  {
    id: 'gravitino',
    title: 'Gravitino',
    about: 'Its Iceberg REST service, port 9001',
    hint: 'The address is that of the Iceberg REST service, which ends in /iceberg. The warehouse is the name of a catalog where the service has several. Where it is not set up to hand out credentials, tables cannot be loaded with them: choose the storage below.',
    draft: { ...EMPTY_DRAFT, uri: 'http://gravitino.example.com:9001/iceberg', authKind: 'basic' },
  },
  {
    id: 'unity',
    title: 'Unity Catalog',
    about: 'Databricks, with a token',
    hint: 'The warehouse is the name of the catalog. The token is a personal one; for a service principal choose OAuth2 with the token address https://…/oidc/v1/token and the scope all-apis. The open-source server ends in /api/2.1/unity-catalog/iceberg and only reads.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://dbc-example.cloud.databricks.com/api/2.1/unity-catalog/iceberg-rest',
      authKind: 'bearer',
    },
  },
  {
    id: 'glue',
    title: 'AWS Glue',
    about: 'Signed with AWS credentials',
    hint: 'Put your region into the address and the signature. The warehouse is the number of the AWS account. Name the buckets of the tables under storage.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://glue.us-east-1.amazonaws.com/iceberg',
      authKind: 'sigv4',
      signing: { ...signing, region: 'us-east-1', service: 'glue' },
      delegation: 'none',
      storageKind: 's3',
      roots: 's3://your-bucket',
      s3: { ...s3, isPathStyle: false, source: 'chain' },
    },
  },
  {
    id: 's3-tables',
    title: 'Amazon S3 Tables',
    about: 'A table bucket, signed with AWS credentials',
    hint: 'Put your region into the address and the signature. The warehouse is the ARN of the table bucket: arn:aws:s3tables:<region>:<account>:bucket/<name>. Tables lie in buckets that AWS names, which end in --table-s3: name those under storage.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://s3tables.us-east-1.amazonaws.com/iceberg',
      authKind: 'sigv4',
      signing: { ...signing, region: 'us-east-1', service: 's3tables' },
      delegation: 'none',
      storageKind: 's3',
      roots: 's3://example--table-s3',
      s3: { ...s3, isPathStyle: false, source: 'chain' },
    },
  },
  {
    id: 'r2',
    title: 'Cloudflare R2',
    about: 'R2 Data Catalog, with an API token',
    hint: 'The bucket’s settings give the catalog’s address and the warehouse, <account>_<bucket>. The API token needs rights for R2 storage and for the data catalog.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://catalog.cloudflarestorage.com/account/bucket',
      authKind: 'bearer',
    },
  },
  {
    id: 'rest',
    title: 'Iceberg REST',
    about: 'Any other catalog that speaks it',
    hint: 'The address is what /v1/config is appended to.',
    draft: { ...EMPTY_DRAFT, uri: 'https://' },
  },
  {
    id: 'files',
    title: 'Metadata files',
    about: 'Tables without a catalog, read only',
    hint: 'Name a *.metadata.json, or the folder of a table, of which the newest is taken. When the table was moved or copied, a mapping tells where the places in its metadata are now.',
    draft: { ...EMPTY_DRAFT, kind: 'files', storageKind: 's3' },
  },
]

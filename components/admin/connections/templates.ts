import { type Draft, EMPTY_DRAFT } from './draft'

/** A kind of catalog, with the settings that its documentation gives as defaults of the form. */
export type Template = {
  id: string
  title: string
  /** One line for the picker. */
  about: string
  /** Advice on filling in the form. */
  hint: string
  draft: Draft
  examples: Examples
}

/** Placeholders that show the form of a value. They are never values: every installation has its own. */
export type Examples = { uri?: string; tokenUri?: string; roots?: string }

const { oauth, signing, s3 } = EMPTY_DRAFT

export const TEMPLATES: readonly Template[] = [
  {
    id: 'lakekeeper',
    title: 'Lakekeeper',
    about: 'OAuth2 via your identity provider',
    hint: 'The URL ends in /catalog. The warehouse is its name in Lakekeeper. The token URL and the scope come from your identity provider; without authentication, choose None.',
    draft: {
      ...EMPTY_DRAFT,
      authKind: 'oauth2',
      oauth: { ...oauth, scope: 'lakekeeper' },
    },
    examples: {
      uri: 'https://lakekeeper.example.com/catalog',
      tokenUri: 'https://keycloak.example.com/realms/iceberg/protocol/openid-connect/token',
    },
  },
  {
    id: 'polaris',
    title: 'Polaris',
    about: 'Client id and secret of a principal',
    hint: 'The warehouse is the name of the catalog in Polaris. Tokens come from Polaris itself. The scope names roles: PRINCIPAL_ROLE:ALL takes all roles of the principal. A realm other than the default needs the extra header Polaris-Realm.',
    draft: {
      ...EMPTY_DRAFT,
      authKind: 'oauth2',
      oauth: { ...oauth, scope: 'PRINCIPAL_ROLE:ALL' },
    },
    examples: { uri: 'https://polaris.example.com/api/catalog' },
  },
  {
    id: 'nessie',
    title: 'Nessie',
    about: 'Branch in the URL',
    hint: 'The URL ends in /iceberg, or in /iceberg/ and the name of a branch with slashes as %2F. Nessie signs requests for S3; if yours vends credentials, choose those. If it requires authentication, tokens come from your identity provider, not from Nessie.',
    draft: {
      ...EMPTY_DRAFT,
      delegation: 'remote-signing',
    },
    examples: { uri: 'http://nessie.example.com:19120/iceberg/main' },
  },
  {
    id: 'gravitino',
    title: 'Gravitino',
    about: 'Its Iceberg REST service, port 9001',
    hint: 'The URL is that of the Iceberg REST service and ends in /iceberg. If the service has several catalogs, the warehouse is the name of one. If it does not vend credentials, choose the storage settings below.',
    draft: { ...EMPTY_DRAFT, authKind: 'basic' },
    examples: { uri: 'http://gravitino.example.com:9001/iceberg' },
  },
  {
    id: 'unity',
    title: 'Unity Catalog',
    about: 'Databricks, with a token',
    hint: 'The warehouse is the name of the catalog. The token is a personal access token; for a service principal choose OAuth2 with the token URL https://…/oidc/v1/token and the scope all-apis. The URL of the open-source server ends in /api/2.1/unity-catalog/iceberg, and it is read only.',
    draft: {
      ...EMPTY_DRAFT,
      authKind: 'bearer',
    },
    examples: { uri: 'https://dbc-example.cloud.databricks.com/api/2.1/unity-catalog/iceberg-rest' },
  },
  {
    id: 'glue',
    title: 'AWS Glue',
    about: 'Signed with AWS credentials',
    hint: 'Enter your region in the URL and in the signature. The warehouse is the AWS account id. List the buckets of the tables under Storage.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://glue.us-east-1.amazonaws.com/iceberg',
      authKind: 'sigv4',
      signing: { ...signing, region: 'us-east-1', service: 'glue' },
      delegation: 'none',
      storageKind: 's3',
      s3: { ...s3, isPathStyle: false, source: 'chain' },
    },
    examples: { roots: 's3://your-bucket' },
  },
  {
    id: 's3-tables',
    title: 'Amazon S3 Tables',
    about: 'Table bucket, AWS credentials',
    hint: 'Enter your region in the URL and in the signature. The warehouse is the ARN of the table bucket: arn:aws:s3tables:<region>:<account>:bucket/<name>. AWS stores the tables in buckets whose names end in --table-s3: list those under Storage.',
    draft: {
      ...EMPTY_DRAFT,
      uri: 'https://s3tables.us-east-1.amazonaws.com/iceberg',
      authKind: 'sigv4',
      signing: { ...signing, region: 'us-east-1', service: 's3tables' },
      delegation: 'none',
      storageKind: 's3',
      s3: { ...s3, isPathStyle: false, source: 'chain' },
    },
    examples: { roots: 's3://example--table-s3' },
  },
  {
    id: 'r2',
    title: 'Cloudflare R2',
    about: 'R2 Data Catalog, with an API token',
    hint: 'The settings of the bucket show the catalog’s URL and the warehouse, <account>_<bucket>. The API token needs permissions for R2 storage and for the data catalog.',
    draft: {
      ...EMPTY_DRAFT,
      authKind: 'bearer',
    },
    examples: { uri: 'https://catalog.cloudflarestorage.com/account/bucket' },
  },
  {
    id: 'rest',
    title: 'Iceberg REST',
    about: 'Any other Iceberg REST catalog',
    hint: 'The URL is the base URL of the REST catalog, without /v1.',
    draft: EMPTY_DRAFT,
    examples: { uri: 'https://catalog.example.com/iceberg' },
  },
  {
    id: 'files',
    title: 'Metadata files',
    about: 'Tables without a catalog, read only',
    hint: 'Enter a *.metadata.json file, or the folder of a table to open its newest one. If the table was moved or copied, add a path mapping.',
    draft: { ...EMPTY_DRAFT, kind: 'files', storageKind: 's3' },
    examples: { roots: 's3://your-bucket' },
  },
]

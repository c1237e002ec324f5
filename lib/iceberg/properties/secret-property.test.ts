import { describe, expect, it } from 'vitest'
import { isSecretProperty } from './secret-property'

describe('A property is hidden', () => {
  it.each([
    's3.secret-access-key',
    's3.access-key-id',
    's3.session-token',
    's3.sse.key',
    'client.secret-access-key',
    'adls.sas-token.lake.dfs.core.windows.net',
    'adls.auth.shared-key.account.key',
    'adls.account-key',
    'adls.client-secret',
    'gcs.oauth2.token',
    'gcs.decryption-key',
    'jdbc.password',
    'credential',
    'token',
    'TOKEN',
    'header.Authorization',
    'oauth2.clientSecret',
    'my_api_key',
  ])('when its name says that it grants access: %s', (name) => {
    expect(isSecretProperty(name)).toBe(true)
  })
  it.each([
    'owner',
    'comment',
    'encryption.key-id',
    'partition.key',
    's3.endpoint',
    's3.session-token-expires-at-ms',
    'client.credentials-provider',
    'gcs.oauth2.token-expires-at-ms',
    'oauth2-server-uri',
    'write.parquet.bloom-filter-enabled.column.token',
    'write.metadata.metrics.column.password',
    'monkey',
    'tokenizer',
    'primary-key',
    'constructor',
  ])('but not when its name is only similar: %s', (name) => {
    expect(isSecretProperty(name)).toBe(false)
  })
})

import { expect, it } from 'vitest'
import { clientName } from './client-name'

it.each([
  [{ 'user-agent': 'PyIceberg/0.12.0', 'x-client-version': 'PyIceberg 0.12.0' }, 'PyIceberg 0.12.0'],
  [
    {
      'user-agent': 'Apache-HttpClient/5.5 (Java/17.0.16)',
      'x-client-version': 'Apache Iceberg 1.10.0 (commit 2114bf631e49af532d66e2ce148ee49dd1dd1f1f)',
    },
    'Apache Iceberg 1.10.0',
  ],
  [{ 'user-agent': 'PyIceberg/0.8.0', 'x-client-version': '0.14.1' }, 'PyIceberg 0.8.0'],
  [{ 'user-agent': 'duckdb/v1.5.6(linux_amd64) cpp' }, 'duckdb v1.5.6'],
  [{ 'user-agent': 'lakeshore' }, 'lakeshore'],
  [{ 'user-agent': `${'x'.repeat(500)}/1` }, 'x'.repeat(60)],
  [{ 'user-agent': '(only a comment)' }, null],
  [{ 'user-agent': '   ' }, null],
  [{}, null],
])('%j is %s', (headers, name) => {
  expect(clientName(new Headers(headers as Record<string, string>))).toBe(name)
})

import { expect, test } from 'vitest'
import { withQuery } from './query'

test('A query keeps the unreserved characters of RFC 3986 and encodes all others, a space as %20', () => {
  const { href } = withQuery('http://catalog/v1/config', {
    warehouse: "a b+c~d-e_f.g*'(!)",
    pageToken: '',
    'ü&': '\u001f%/=',
  })
  expect(href).toBe(
    'http://catalog/v1/config?warehouse=a%20b%2Bc~d-e_f.g%2A%27%28%21%29&pageToken=&%C3%BC%26=%1F%25%2F%3D',
  )
  expect(withQuery('http://catalog/v1/config', {}).href).toBe('http://catalog/v1/config')
})

test('Invalid Unicode is replaced, as in forms', () => {
  expect(withQuery('http://catalog/', { pageToken: 'a\ud800' }).search).toBe('?pageToken=a%EF%BF%BD')
})

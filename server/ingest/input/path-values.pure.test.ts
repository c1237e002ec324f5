import { expect, it } from 'vitest'
import { readPathValues, readUrlPathValues } from './path-values'

it('The folders of a path have values, and its file has none', () => {
  const path =
    's3://bucket/t/day=2026-05-01/city=K%C3%B6ln/time=10%3A00%3A00/share=5%/empty=/=x/n=__HIVE_DEFAULT_PARTITION__/n=1=2/a=b.csv'
  expect([...readPathValues(path)]).toEqual([
    ['day', '2026-05-01'],
    ['city', 'Köln'],
    ['time', '10:00:00'],
    ['share', '5%'],
    ['empty', ''],
    ['n', '1=2'],
  ])
  expect(readPathValues('n=__HIVE_DEFAULT_PARTITION__/a.csv').get('n')).toBeNull()
})

it('The folders of a URL are unescaped once more', () => {
  const url = new URL('https://data.example.org/time%3D10%253A00/city=K%C3%B6ln/a.csv?day=1')
  expect([...readUrlPathValues(url)]).toEqual([
    ['time', '10:00'],
    ['city', 'Köln'],
  ])
})

import { beforeEach, expect, it } from 'vitest'
import { installPageProgram } from '@/testing/next/page-program'
import { setPageRequest } from '@/testing/next/page-request'
import { entryMetadata, tabMetadata } from './page-titles'

beforeEach(() => setPageRequest(new Headers()))

/** A program that answers every request of a page with these catalogs. */
function installProgramWith(...catalogs: object[]): void {
  installPageProgram(async () => Response.json({ catalogs }))
}

const catalog = (name: string) => ({
  name,
  kind: 'embedded',
  warehouse: null,
  namespaceCount: null,
  abilities: [],
  problem: null,
})
const params = Promise.resolve({ catalog: 'prod', namespace: 'demo', table: 'flights' })

it('names the catalog in titles only when the user may enter another', async () => {
  installProgramWith(catalog('prod'))
  expect(await tabMetadata('data')({ params })).toEqual({ title: 'Data · demo.flights' })
  installProgramWith(catalog('prod'), catalog('test'))
  expect(await tabMetadata('data')({ params })).toEqual({ title: 'Data · demo.flights · prod' })
})

it('gives a page a title when the catalogs are not known', async () => {
  installPageProgram(async () => await Promise.reject(new Error('No database')))
  expect(await entryMetadata({ params: Promise.resolve({ catalog: 'prod', namespace: 'demo' }) })).toEqual({
    title: 'Namespace · demo',
  })
})

import { beforeEach, expect, it } from 'vitest'
import { setPageRequest } from '@/testing/next/page-request'
import type { Program } from '@/server/program/program'
import { setProgram } from '@/server/program/slot'
import { entryMetadata, tabMetadata } from './page-titles'

beforeEach(() => setPageRequest(new Headers()))

/** A program that answers every request of a page with these catalogs. */
function installProgramWith(...catalogs: object[]): void {
  const handle: Program['handle'] = async () => Response.json({ catalogs })
  setProgram({ handle } as Program)
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
  const handle: Program['handle'] = async () => await Promise.reject(new Error('No database'))
  setProgram({ handle } as Program)
  expect(await entryMetadata({ params: Promise.resolve({ catalog: 'prod', namespace: 'demo' }) })).toEqual({
    title: 'Namespace · demo',
  })
})

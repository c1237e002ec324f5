import 'server-only'
import type { Metadata } from 'next'
import { cache } from 'react'
import { listCatalogs } from '@/lib/contract/catalogs'
import {
  type NamespaceParams,
  TAB_TITLES,
  type TableParams,
  type TableTab,
  titleFromParams,
  type ViewParams,
} from '@/lib/paths/paths'
import { fetchForPage } from '@/server/program/fetch-for-page'

type Params = { catalog: string } & Partial<NamespaceParams & TableParams & ViewParams>
type Props = { params: Promise<Params> }

/** `generateMetadata` of a table's tab, for a title such as `Snapshots · demo.flights`. */
export function tabMetadata(tab: TableTab) {
  return async ({ params }: Props): Promise<Metadata> => ({ title: await pageTitle(await params, TAB_TITLES[tab]) })
}

/** `generateMetadata` of the pages of the proposals of an entry, as {@link tabMetadata}. */
export async function proposalsMetadata({ params }: Props): Promise<Metadata> {
  return { title: await pageTitle(await params, 'Proposals') }
}

/** `generateMetadata` of the page of a catalog, a namespace or a view. */
export async function entryMetadata({ params }: Props): Promise<Metadata> {
  return { title: await pageTitle(await params) }
}

/** @param subject by default the kind of the entry */
export async function pageTitle(params: Params, subject?: string): Promise<string> {
  const namesCatalog = await hasOtherCatalogs(params.catalog)
  return titleFromParams(params, { namesCatalog, ...(subject !== undefined && { subject }) })
}

/** Whether the user may enter another catalog, where the same name may exist. Not if that is not known. */
const hasOtherCatalogs = cache(async (catalog: string): Promise<boolean> => {
  try {
    const response = await fetchForPage(listCatalogs, `${listCatalogs.path}?namesOnly=true`, {})
    if (!response.ok) return false
    const { catalogs } = listCatalogs.output.parse(await response.json())
    return catalogs.some(({ name }) => name !== catalog)
  } catch {
    return false // The program has logged why, and a title is no reason to fail.
  }
})

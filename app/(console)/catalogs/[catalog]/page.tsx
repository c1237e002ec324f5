import type { Metadata } from 'next'
import { CatalogPage } from '@/components/explore/catalogs/catalog-page'
import { titleFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<{ catalog: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: titleFromParams(await params) }
}

export default async function Catalog({ params }: Props) {
  return <CatalogPage catalog={decodeURIComponent((await params).catalog)} />
}

import { CatalogPage } from '@/components/explore/catalogs/catalog-page'
import { entryMetadata } from '@/app/page-titles'

type Props = { params: Promise<{ catalog: string }> }

export const generateMetadata = entryMetadata

export default async function Catalog({ params }: Props) {
  return <CatalogPage catalog={decodeURIComponent((await params).catalog)} />
}

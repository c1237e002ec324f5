import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { CatalogList } from '@/components/explore/catalogs/catalog-list'
import { catalogDetailsQuery, catalogsQuery } from '@/lib/client/catalogs'

export const metadata: Metadata = { title: 'Explore' }

export default function CatalogsPage() {
  return (
    <FirstView queries={[catalogsQuery(), catalogDetailsQuery()]}>
      <CatalogList />
    </FirstView>
  )
}

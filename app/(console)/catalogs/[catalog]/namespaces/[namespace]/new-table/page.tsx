import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { NewTablePage } from '@/components/explore/new-table/new-table-page'
import { catalogsQuery } from '@/lib/client/catalogs'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<NamespaceParams> }

export const metadata: Metadata = { title: 'New table' }

export default async function NewTable({ params }: Props) {
  const { catalog, namespace } = namespaceFromParams(await params)
  return (
    <FirstView queries={[catalogsQuery()]}>
      <NewTablePage key={`${catalog} ${namespace.join('\x1F')}`} catalog={catalog} namespace={namespace} />
    </FirstView>
  )
}

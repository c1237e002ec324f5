import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { BulkEditPage } from '@/components/explore/bulk-edit/bulk-edit-page'
import { catalogsQuery } from '@/lib/client/catalogs'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<NamespaceParams> }

export const metadata: Metadata = { title: 'Change many tables' }

export default async function TableProperties({ params }: Props) {
  const { catalog, namespace } = namespaceFromParams(await params)
  return (
    <FirstView queries={[catalogsQuery()]}>
      <BulkEditPage key={`${catalog} ${namespace.join('\x1F')}`} catalog={catalog} namespace={namespace} />
    </FirstView>
  )
}

import { TableRows } from '@/components/rows/table-rows'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('data')

export default function DataPage() {
  return <TableRows />
}

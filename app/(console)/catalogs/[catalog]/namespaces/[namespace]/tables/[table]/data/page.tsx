import { TableRows } from '@/components/rows/table-rows'

export default function DataPage() {
  return <TableRows />
}

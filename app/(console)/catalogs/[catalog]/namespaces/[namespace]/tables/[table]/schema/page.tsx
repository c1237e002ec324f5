import { SchemaTab } from '@/components/table/schema/schema-tab'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('schema')

export default function SchemaPage() {
  return <SchemaTab />
}

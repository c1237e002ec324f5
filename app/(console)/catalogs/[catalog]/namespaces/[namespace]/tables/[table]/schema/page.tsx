import { SchemaTab } from '@/components/schema/schema-tab'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('schema')

export default function SchemaPage() {
  return <SchemaTab />
}

import { SchemaTab } from '@/components/table/schema/schema-tab'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('schema')

export default function SchemaPage() {
  return <SchemaTab />
}
